<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\Randomness;
use ErpSidecar\Outbox\Core\SystemRandomness;
use ErpSidecar\Outbox\Core\UuidV7;
use PHPUnit\Framework\TestCase;

class UuidV7Test extends TestCase
{
    public function testAnIdHasTheFormOfVersion7AndCarriesItsMillisecond(): void
    {
        $id = (new UuidV7(new SystemRandomness()))->at(1_714_550_400_123_456);
        self::assertMatchesRegularExpression(
            '/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/D',
            $id
        );
        self::assertSame(1_714_550_400_123, hexdec(substr($id, 0, 8) . substr($id, 9, 4)));
    }

    public function testAnIdIsTheSameForTheSameMomentAndChance(): void
    {
        $ones = new class implements Randomness {
            public function bytes(int $count): string
            {
                return str_repeat("\xff", $count);
            }
        };
        self::assertSame('018f3327-5400-7000-bfff-ffffffffffff', (new UuidV7($ones))->at(0x018f33275400 * 1000));
    }

    public function testIdsGrowEvenWhenTheClockStandsStillOrStepsBack(): void
    {
        $ids = new UuidV7(new SystemRandomness());
        $made = array_map($ids->at(...), [1_000_000, 1_000_000, 1_000_001, 999_000, 5, 1_000_500, 1_001_000]);
        $sorted = $made;
        sort($sorted, SORT_STRING);
        self::assertSame($sorted, $made);
        self::assertSame(array_unique($made), $made);
    }
}
