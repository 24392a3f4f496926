<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\StoredValue;
use PHPUnit\Framework\TestCase;

class StoredValueTest extends TestCase
{
    /** @dataProvider savedValues */
    public function testAModelsValueIsToldAsItsColumnKeepsIt(mixed $value, string $type, mixed $stored): void
    {
        self::assertSame($stored, StoredValue::of($value, self::column($type)));
    }

    public static function savedValues(): array
    {
        return [
            'a sum of floats' => [0.1 + 0.2, 'decimal', '0.3000'],
            'a float that carries dust' => [44.164500000000004, 'decimal', '44.1645'],
            'an exact text' => ['12345678901234567.1234', 'decimal', '12345678901234567.1234'],
            'a text with fewer decimals' => ['12.5', 'decimal', '12.5000'],
            'a text with idle decimals' => ['10.990000', 'decimal', '10.9900'],
            'a text that is finer' => ['1.00005001', 'decimal', '1.0001'],
            'a whole number' => [3, 'decimal', '3.0000'],
            'an empty amount' => ['', 'decimal', '0.0000'],
            'a truth' => [true, 'smallint', 1],
            'digits' => ['42', 'int', 42],
            'an empty text' => ['', 'varchar', null],
            'a number as text' => [5, 'varchar', '5'],
            'an instant' => [new \DateTimeImmutable('1980-02-03 04:05:06'), 'datetime', '1980-02-03 04:05:06'],
            'nothing' => [null, 'decimal', null],
            'decoded JSON' => [['qty' => 1], 'text', ['qty' => 1]],
        ];
    }

    public function testAColumnThatTheModelDidNotMentionHoldsItsDefault(): void
    {
        self::assertSame('0.0000', StoredValue::ofAbsent(self::column('decimal', '0.0000')));
        self::assertSame(0, StoredValue::ofAbsent(self::column('smallint', '0')));
        self::assertNull(StoredValue::ofAbsent(self::column('timestamp', 'current_timestamp()')));
        self::assertNull(StoredValue::ofAbsent(self::column('varchar')));
    }

    private static function column(string $type, ?string $default = null): array
    {
        $scale = $type === 'decimal' ? '4' : null;
        return ['DATA_TYPE' => $type, 'SCALE' => $scale, 'NULLABLE' => true, 'DEFAULT' => $default];
    }
}
