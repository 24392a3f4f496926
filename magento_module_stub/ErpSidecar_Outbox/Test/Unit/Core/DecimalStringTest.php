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
}
