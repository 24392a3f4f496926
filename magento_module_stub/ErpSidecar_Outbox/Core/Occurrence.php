<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The id and the moment of one event.
 */
class Occurrence
{
    /** @param int $occurredAtUs microseconds of UTC */
    public function __construct(public readonly string $eventId, public readonly int $occurredAtUs)
    {
    }

    /** ISO 8601 in UTC with microseconds, e.g. 2024-05-01T08:30:00.000123Z. */
    public function isoTime(): string
    {
        return gmdate('Y-m-d\TH:i:s', intdiv($this->occurredAtUs, 1_000_000))
            . sprintf('.%06dZ', $this->occurredAtUs % 1_000_000);
    }
}
