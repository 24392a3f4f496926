<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Event ids that sort by time: UUID version 7, lower case.
 *
 * 48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random bits. Ids of one process
 * grow strictly, also when the clock stands still or steps back.
 */
class UuidV7
{
    private int $last = 0;

    public function __construct(private readonly Randomness $randomness)
    {
    }

    /** A new id for an event of this instant, in microseconds of UTC. */
    public function at(int $microseconds): string
    {
        $tick = intdiv($microseconds, 1000) * 4096 + intdiv(($microseconds % 1000) * 4096, 1000);
        $this->last = max($tick, $this->last + 1);

        $time = str_pad(dechex($this->last), 15, '0', STR_PAD_LEFT);
        $random = $this->randomness->bytes(8);
        $random[0] = chr(ord($random[0]) & 0x3f | 0x80);
        $tail = bin2hex($random);
        return substr($time, 0, 8) . '-' . substr($time, 8, 4) . '-7' . substr($time, 12)
            . '-' . substr($tail, 0, 4) . '-' . substr($tail, 4);
    }
}
