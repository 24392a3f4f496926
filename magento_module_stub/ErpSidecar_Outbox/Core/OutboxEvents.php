<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Makes outbox rows of what happened: the door into this pure core, with no Magento behind it.
 *
 * Stands alone: OutboxEvents::standard()->ofOrder(OrderChange::PLACED, 42, 1, fn () => $snapshot)->toArray()
 * is the row to insert, in the transaction that changed the order and after locking its sales_order row.
 */
class OutboxEvents
{
    /** Far below what MEDIUMTEXT and a server's usual packet limit hold; beyond, nothing could be trusted. */
    public const MAX_PAYLOAD_BYTES = 8_000_000;

    public function __construct(
        private readonly OrderPayload $orderPayload,
        private readonly InventoryAdjustedPayload $inventoryPayload,
        private readonly UuidV7 $ids,
        private readonly Clock $clock
    ) {
    }

    /** With the host's clock and random source and the default allow-list, for use without Magento. */
    public static function standard(): self
    {
        return new self(
            new OrderPayload(new PaymentAllowList()),
            new InventoryAdjustedPayload(),
            new UuidV7(new SystemRandomness()),
            new SystemClock()
        );
    }

    /**
     * The event of an order's save, always: where no payload can be built, one that says why.
     *
     * Such a payload has `error` and `order_id` in place of the order, and the sidecar parks it for a
     * person. So an odd order costs a checkout nothing and is not lost either. A failure of the
     * database is no odd order: it leaves the transaction in doubt, and is thrown on.
     *
     * @param string $type one of OrderChange's constants
     * @param callable(): OrderSnapshot $takeSnapshot
     */
    public function ofOrder(
        string $type,
        int $orderId,
        ?int $storeId,
        callable $takeSnapshot,
        string $origin = Occurrence::ORIGIN_SHOP,
        ?string $traceParent = null
    ): OutboxRow {
        $occurrence = $this->occurrence($origin, $traceParent);
        try {
            $payload = AsciiJson::encode($this->orderPayload->build($type, $occurrence, $takeSnapshot()));
            self::refuseOversize($payload);
        } catch (\Throwable $error) {
            if (DatabaseFailure::isBehind($error)) {
                throw $error;
            }
            $payload = AsciiJson::encode(self::unbuildable($type, $occurrence, $orderId, $error));
        }
        return new OutboxRow(
            $occurrence,
            $type,
            OrderPayload::SCHEMA_VERSION,
            'order:' . $orderId,
            'order',
            (string) $orderId,
            $storeId,
            $payload
        );
    }

    /**
     * The event of a stock change. It has no lane: such changes add up in any order.
     *
     * @param string $quantity what is added; negative when stock leaves
     * @param string $reason one of InventoryAdjustedPayload::REASONS
     * @param array{type: string, id: string} $cause type is one of InventoryAdjustedPayload::CAUSES
     * @throws UnbuildablePayload
     */
    public function ofStock(
        string $sku,
        string $sourceCode,
        string $quantity,
        string $reason,
        array $cause,
        string $origin = Occurrence::ORIGIN_SHOP,
        ?string $traceParent = null
    ): OutboxRow {
        $occurrence = $this->occurrence($origin, $traceParent);
        $payload = $this->inventoryPayload->build($occurrence, $sku, $sourceCode, $quantity, $reason, $cause);
        return new OutboxRow(
            $occurrence,
            InventoryAdjustedPayload::TYPE,
            InventoryAdjustedPayload::SCHEMA_VERSION,
            null,
            'sku',
            $sku,
            null,
            AsciiJson::encode($payload)
        );
    }

    private function occurrence(string $origin, ?string $traceParent): Occurrence
    {
        $now = $this->clock->microseconds();
        return new Occurrence($this->ids->at($now), $now, $origin, $traceParent);
    }

    private static function refuseOversize(string $payload): void
    {
        if (strlen($payload) > self::MAX_PAYLOAD_BYTES) {
            throw new UnbuildablePayload(sprintf(
                'The payload has %d bytes; at most %d are written.',
                strlen($payload),
                self::MAX_PAYLOAD_BYTES
            ));
        }
    }

    /** @return array<string, mixed> */
    private static function unbuildable(string $type, Occurrence $when, int $orderId, \Throwable $error): array
    {
        $printable = (string) preg_replace('/[^\x20-\x7e]+/', '?', $error->getMessage());
        return [
            'event_id' => $when->eventId,
            'type' => $type,
            'schema_version' => OrderPayload::SCHEMA_VERSION,
            'occurred_at' => $when->isoTime(),
            'origin' => $when->origin,
            'order_id' => $orderId,
            'error' => $error instanceof UnbuildablePayload
                ? substr($printable, 0, 500)
                : 'The order could not be read: ' . $error::class . '.',
        ];
    }
}
