<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of InventoryReserved: what a sale takes from, or gives back to, what a stock can still sell.
 *
 * Reservations add up in any order and are per stock, not per source: which source the goods will leave is decided
 * at the shipment. Magento writes them outside the order's transaction, before the order: one whose order then
 * failed is followed by its opposite, or, where the process died, by nothing.
 */
class InventoryReservedPayload
{
    public const TYPE = 'InventoryReserved';

    /** What Magento notes of the sales event; a placed order has no object_id yet, only the increment id. */
    private const SALES_EVENT = ['event_type', 'object_type', 'object_id', 'object_increment_id'];

    /**
     * @param string $quantity negative: reserved; positive: given back
     * @param string|null $metadata Magento's JSON
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload when quantity is no decimal number
     */
    public function facts(int $stockId, string $sku, string $quantity, ?string $metadata): array
    {
        return [
            'stock_id' => $stockId,
            'sku' => $sku,
            'quantity' => DecimalString::of($quantity),
            'sales_event' => self::salesEvent($metadata),
        ];
    }

    /**
     * Extensions write reservations too, with metadata of their own or none: that is null, and no error.
     *
     * @return array<string, string|null>|null
     */
    private static function salesEvent(?string $metadata): ?array
    {
        $noted = json_decode($metadata ?? '', true);
        if (!is_array($noted) || !is_string($noted['event_type'] ?? null) || $noted['event_type'] === '') {
            return null;
        }
        $told = [];
        foreach (self::SALES_EVENT as $key) {
            $value = $noted[$key] ?? null;
            $told[$key] = is_scalar($value) && (string) $value !== '' ? (string) $value : null;
        }
        return $told;
    }
}
