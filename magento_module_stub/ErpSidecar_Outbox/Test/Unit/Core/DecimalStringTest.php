<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\DecimalString;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class DecimalStringTest extends TestCase
{
    /** @dataProvider exactValues */
    public function testAValueIsToldWithFourDecimalsAndNothingLost(int|string $value, string $told): void
    {
        self::assertSame($told, DecimalString::of($value));
    }

    public static function exactValues(): array
    {
        return [
            ['12.3400', '12.3400'],
            ['12.34', '12.3400'],
            [5, '5.0000'],
            ['-0.5', '-0.5000'],
            ['0', '0.0000'],
            ['-0.0000', '0.0000'],
            ['007.10', '7.1000'],
            ['5.120000', '5.1200'],
            ['9999999999999999.9999', '9999999999999999.9999'],
        ];
    }

    /** @dataProvider refusedValues */
    public function testAValueThatWouldHaveToBeRoundedOrGuessedIsRefused(float|string $value): void
    {
        $this->expectException(UnbuildablePayload::class);
        DecimalString::of($value);
    }

    public static function refusedValues(): array
    {
        return [
            'a float' => [1.5], 'too fine' => ['1.00001'], ['1e3'], ['1,5'], [''], [' 1'], ['+1'], ["1\n"], ['abc'],
        ];
    }

    /** @dataProvider differences */
    public function testADifferenceIsExact(string $minuend, string $subtrahend, string $expected): void
    {
        self::assertSame($expected, DecimalString::difference($minuend, $subtrahend));
    }

    public static function differences(): array
    {
        return [
            ['7.5000', '10.0000', '-2.5000'],
            ['0.3000', '0.1000', '0.2000'],
            ['0.0001', '0.0002', '-0.0001'],
            ['-3', '-3', '0.0000'],
            ['-99999999999999.9999', '99999999999999.9999', '-199999999999999.9998'],
        ];
    }

    public function testADifferenceOfNumbersTooLongToReckonWithIsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        DecimalString::difference('100000000000000.0000', '1');
    }
}
