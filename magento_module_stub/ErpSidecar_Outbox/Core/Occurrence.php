<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The envelope of one event: its id, its moment, and who caused it.
 */
class Occurrence
{
    /** Where a change came from when the shop itself made it. */
    public const ORIGIN_SHOP = 'magento';

    public readonly ?string $traceParent;

    /** @param int $occurredAtUs microseconds of UTC */
    public function __construct(
        public readonly string $eventId,
        public readonly int $occurredAtUs,
        public readonly string $origin = self::ORIGIN_SHOP,
        ?string $traceParent = null,
    ) {
        $wellFormed = preg_match('/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/D', $traceParent ?? '') === 1;
        $this->traceParent = $wellFormed ? $traceParent : null;
    }

    /** ISO 8601 in UTC with microseconds, e.g. 2024-05-01T08:30:00.000123Z. */
    public function isoTime(): string
    {
        return gmdate('Y-m-d\TH:i:s', intdiv($this->occurredAtUs, 1_000_000))
            . sprintf('.%06dZ', $this->occurredAtUs % 1_000_000);
    }
}
