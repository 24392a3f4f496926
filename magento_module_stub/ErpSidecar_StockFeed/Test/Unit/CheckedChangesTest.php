<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Test\Unit;

use ErpSidecar\StockFeed\Api\Data\SourceItemChangeInterface;
use ErpSidecar\StockFeed\Model\CheckedChanges;
use ErpSidecar\StockFeed\Model\SourceItemChange;
use Magento\Framework\Exception\InputException;
use PHPUnit\Framework\TestCase;

class CheckedChangesTest extends TestCase
{
    private const SOUND = ['source_code' => 'west', 'sku' => 'A', 'quantity' => '3', 'status' => 1];

    /** @dataProvider unsound */
    public function testWhatCannotBeTakenExactlyIsRefusedByItsPlace(array $fields, string $words): void
    {
        $this->expectException(InputException::class);
        $this->expectExceptionMessage("Change 2 $words");

        new CheckedChanges([self::change(['sku' => 'first'] + self::SOUND), self::change($fields + self::SOUND)]);
    }

    public static function unsound(): array
    {
        return [
            'no SKU' => [['sku' => ' '], 'names no source item'],
            'no source' => [['source_code' => ''], 'names no source item'],
            'the same twice' => [['sku' => 'first'], 'names no source item'],
            'a status of its own' => [['status' => 2], 'has a status'],
            'less than nothing' => [['quantity' => '-1'], 'has a quantity below zero'],
            'finer than the column' => [['quantity' => '0.00001'], 'has a quantity that is not one'],
            'a float in words' => [['quantity' => '1e3'], 'has a quantity that is not one'],
            'none' => [['quantity' => ''], 'has a quantity that is not one'],
            'too large for the column' => [['quantity' => '123456789'], 'has a quantity that is too large'],
            'an expectation that is none' => [['expected_quantity' => 'x'], 'has a quantity that is not one'],
        ];
    }

    public function testWhatWasExpectedMayBeBelowZero(): void
    {
        [[, $expected, $wanted, $row]] = (new CheckedChanges(
            [self::change(['expected_quantity' => '-2'] + self::SOUND)]
        ))->beside([]);

        self::assertSame(['-2.0000', '3.0000', null], [$expected, $wanted->quantity, $row]);
    }

    private static function change(array $fields): SourceItemChangeInterface
    {
        [$change] = \StandinWebApi::objects(SourceItemChangeInterface::class, SourceItemChange::class, [$fields]);
        return $change;
    }
}
