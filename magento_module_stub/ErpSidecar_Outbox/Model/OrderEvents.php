<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\Subject;

/**
 * Appends the events of an order's documents, tracks, payments and comments to the order's own lane.
 */
class OrderEvents
{
    public function __construct(
        private readonly OutboxEvents $events,
        private readonly CurrentCause $cause,
        private readonly Outbox $outbox,
        private readonly SavesUnderWay $saves
    ) {
    }

    /**
     * What happens to an order while it is being placed is told after its OrderPlaced.
     *
     * @param callable(): array<string, mixed> $facts what follows the envelope; asked for when the event is written
     * @param array<string, int|string|null> $known ids of the rows that the event is about
     */
    public function append(
        string $type,
        int $orderId,
        ?int $storeId,
        ?int $customerId,
        callable $facts,
        array $known
    ): void {
        $this->saves->afterPlacing($orderId, function () use (
            $type,
            $orderId,
            $storeId,
            $customerId,
            $facts,
            $known
        ): void {
            $subject = Subject::order($orderId, $storeId);
            $this->outbox->append($this->events->event($type, $subject, $this->cause->of($customerId), $facts, $known));
        });
    }
}
