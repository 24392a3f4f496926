<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of InventoryAdjusted: one signed change of one SKU in one source, and why.
 */
class InventoryAdjustedPayload
{
    public const TYPE = 'InventoryAdjusted';
    public const REASONS = ['shipment', 'refund', 'manual', 'import', 'transfer', 'correction'];
    public const CAUSES = ['order', 'shipment', 'creditmemo', 'manual'];

    /**
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

    /** @param list<string> $allowed */
    private static function requireOneOf(array $allowed, string $found, string $what): void
    {
        if (!in_array($found, $allowed, true)) {
            throw new UnbuildablePayload("The $what is none of: " . implode(', ', $allowed) . '.');
        }
    }
}
