<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * One row for the table erp_outbox, ready to be inserted.
 */
class OutboxRow
{
    /** Without the table prefix. */
    public const TABLE = 'erp_outbox';

    public function __construct(
        public readonly Occurrence $occurrence,
        public readonly string $type,
        public readonly int $schemaVersion,
        public readonly Subject $subject,
        public readonly Cause $cause,
        public readonly string $payload
    ) {
    }

    /** @return array<string, int|string|null> column => value, without the id that the table allots */
    public function toArray(): array
    {
        return [
            'event_id' => $this->occurrence->eventId,
            'type' => $this->type,
            'schema_version' => $this->schemaVersion,
            'lane' => $this->subject->lane,
            'aggregate_type' => $this->subject->type,
            'aggregate_id' => $this->subject->id,
            'store_id' => $this->subject->storeId,
            'occurred_at_us' => $this->occurrence->occurredAtUs,
            'origin' => $this->cause->origin,
            'trace_parent' => $this->cause->traceParent,
            'payload_bytes' => strlen($this->payload),
            'payload' => $this->payload,
        ];
    }
}
