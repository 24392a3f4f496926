<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of InventoryAdjusted: one signed change of one SKU in one source, and why.
 *
 * Changes add up in any order: the sum of all `quantity` of a SKU and source is what the source holds now, less
 * what it held before the first. A change of nothing but the status has the quantity 0.0000.
 */
class InventoryAdjustedPayload
{
    public const TYPE = 'InventoryAdjusted';

    /**
     * `order`: deducted while an order was placed or cancelled, which only extensions do. `invoice`: goods without
     * a shipment. `rename` and `deletion`: the SKU's own. `correction`: made by nobody, e.g. by cron or a command.
     */
    public const REASONS = [
        'shipment', 'refund', 'manual', 'import', 'transfer', 'correction', 'order', 'invoice', 'rename', 'deletion',
    ];
    public const CAUSES = ['order', 'shipment', 'creditmemo', 'manual', 'invoice', 'import', 'product'];

    /**
     * For a caller who knows the change alone.
     *
     * @param string $quantity what is added; negative when stock leaves
     * @param array{type: string, id: string} $cause the document behind the change
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload when reason or cause is none of the allowed ones, or quantity is no decimal
     */
    public function facts(string $sku, string $sourceCode, string $quantity, string $reason, array $cause): array
    {
        self::requireOneOf(self::REASONS, $reason, 'reason');
        self::requireOneOf(self::CAUSES, $cause['type'], 'cause');
        return [
            'sku' => $sku,
            'source_code' => $sourceCode,
            'quantity' => DecimalString::of($quantity),
            'reason' => $reason,
            'cause' => ['type' => $cause['type'], 'id' => $cause['id']],
        ];
    }

    /**
     * The same with what the source held before and after.
     *
     * @param StockLevel|null $before null: the SKU was not assigned to the source
     * @param StockLevel|null $after null: it no longer is
     * @param array{type: string, id: string} $cause
     * @return array<string, mixed>
     * @throws UnbuildablePayload as facts
     */
    public function change(
        string $sku,
        string $sourceCode,
        ?StockLevel $before,
        ?StockLevel $after,
        string $reason,
        array $cause
    ): array {
        $difference = DecimalString::difference($after?->quantity ?? '0', $before?->quantity ?? '0');
        return $this->facts($sku, $sourceCode, $difference, $reason, $cause) + [
            'old_quantity' => $before === null ? null : DecimalString::of($before->quantity),
            'new_quantity' => $after === null ? null : DecimalString::of($after->quantity),
            'old_status' => $before?->status,
            'new_status' => $after?->status,
        ];
    }

    /** @param list<string> $allowed */
    private static function requireOneOf(array $allowed, string $found, string $what): void
    {
        if (!in_array($found, $allowed, true)) {
            throw new UnbuildablePayload("The $what is none of: " . implode(', ', $allowed) . '.');
        }
    }
}
