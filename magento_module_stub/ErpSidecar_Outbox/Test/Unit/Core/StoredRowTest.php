<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\StoredRow;
use ErpSidecar\Outbox\Core\StoredValue;
use PHPUnit\Framework\TestCase;

class StoredRowTest extends TestCase
{
    private const COLUMNS = [
        'amount' => ['DATA_TYPE' => 'decimal', 'SCALE' => '4', 'NULLABLE' => true, 'DEFAULT' => '0.0000'],
        'rough' => ['DATA_TYPE' => 'decimal', 'SCALE' => '2', 'NULLABLE' => true, 'DEFAULT' => null],
        'number' => ['DATA_TYPE' => 'smallint', 'SCALE' => null, 'NULLABLE' => true, 'DEFAULT' => null],
        'word' => ['DATA_TYPE' => 'varchar', 'SCALE' => null, 'NULLABLE' => true, 'DEFAULT' => null],
        'story' => ['DATA_TYPE' => 'text', 'SCALE' => null, 'NULLABLE' => true, 'DEFAULT' => null],
        'moment' => ['DATA_TYPE' => 'timestamp', 'SCALE' => null, 'NULLABLE' => true, 'DEFAULT' => null],
    ];

    /** @dataProvider values */
    public function testARowTellsWhatEachColumnHoldsAlsoTheSecondTime(mixed $value): void
    {
        $expected = array_map(
            static fn (array $column): mixed => StoredValue::of($value, $column),
            self::COLUMNS
        );
        $expected = array_filter($expected, static fn (mixed $held): bool => $held !== null);
        $row = new StoredRow(self::COLUMNS);
        foreach (['first', 'again'] as $time) {
            self::assertSame($expected, $row->of(array_map(static fn (): mixed => $value, self::COLUMNS)), $time);
        }
    }

    public static function values(): array
    {
        return [
            'nothing' => [null],
            'an empty text' => [''],
            'digits' => ['42'],
            'an exact amount' => ['1.2345'],
            'zero' => ['0.0000'],
            'a float' => [0.1 + 0.2],
            'a whole number' => [7],
            'a truth' => [true],
            'decoded JSON' => [['qty' => 1]],
        ];
    }

    public function testAmountsThatPhpWritesAlikeAreNotTakenForEachOther(): void
    {
        $row = new StoredRow(self::COLUMNS);
        $told = array_map(
            static fn (float $amount): string => $row->of(['amount' => $amount])['amount'],
            [98765432101.2341, 98765432101.2344, 0.30000000000000004, 0.3, 0.0, -0.5]
        );
        self::assertSame(['98765432101.2341', '98765432101.2344', '0.3000', '0.3000', '0.0000', '-0.5000'], $told);
    }

    public function testWhatTheModelSaysIsNothingIsNotTheColumnsDefault(): void
    {
        self::assertSame([], (new StoredRow(self::COLUMNS))->of(['amount' => null]));
    }

    public function testWhatTheModelDoesNotMentionIsTheColumnsDefaultAndWhatIsNoColumnIsLeftOut(): void
    {
        $row = (new StoredRow(self::COLUMNS))->of(['word' => 'a', 'is_flag' => true, 'helper' => new \stdClass()]);
        ksort($row);
        self::assertSame(['amount' => '0.0000', 'word' => 'a'], $row);
    }
}
