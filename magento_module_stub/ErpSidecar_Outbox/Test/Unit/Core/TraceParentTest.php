<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\Randomness;
use ErpSidecar\Outbox\Core\SystemRandomness;
use ErpSidecar\Outbox\Core\TraceParent;
use PHPUnit\Framework\TestCase;

class TraceParentTest extends TestCase
{
    private const VALID = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

    public function testAValidHeaderIsTakenOver(): void
    {
        self::assertSame(self::VALID, TraceParent::accepted(self::VALID));
    }

    /** @dataProvider invalidHeaders */
    public function testAnythingElseIsNobodysTrace(?string $header): void
    {
        self::assertNull(TraceParent::accepted($header));
    }

    public static function invalidHeaders(): array
    {
        return [
            'none' => [null],
            'empty' => [''],
            'a version not known' => ['ff' . substr(self::VALID, 2)],
            'upper case' => [strtoupper(self::VALID)],
            'too long' => [self::VALID . '-more'],
            'a line break' => [self::VALID . "\n"],
            'a trace of zeros' => ['00-' . str_repeat('0', 32) . '-00f067aa0ba902b7-01'],
            'a parent of zeros' => ['00-4bf92f3577b34da6a3ce929d0e0e4736-' . str_repeat('0', 16) . '-01'],
        ];
    }

    public function testATraceThatIsBegunIsValidEachTimeAnother(): void
    {
        $begun = array_map(static fn (): string => TraceParent::begun(new SystemRandomness()), range(1, 100));
        self::assertSame($begun, array_map(TraceParent::accepted(...), $begun));
        self::assertCount(100, array_unique($begun));
    }

    public function testChanceThatGivesOnlyZerosStillBeginsAValidTrace(): void
    {
        $zeros = new class implements Randomness {
            public function bytes(int $count): string
            {
                return str_repeat("\0", $count);
            }
        };
        self::assertNotNull(TraceParent::accepted(TraceParent::begun($zeros)));
    }
}
