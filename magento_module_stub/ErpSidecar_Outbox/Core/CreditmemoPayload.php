<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of CreditmemoCreated and CreditmemoUpdated: a whole credit memo in both currencies.
 *
 * Amounts are positive, adjustment_negative is a fee that was kept. `back_to_stock` of an item says whether the
 * request that refunded it also puts it back; Magento stores that nowhere, so a later save tells null.
 */
class CreditmemoPayload
{
    public const CREATED = 'CreditmemoCreated';
    public const UPDATED = 'CreditmemoUpdated';

    public function __construct(private readonly PaymentFacts $payments)
    {
    }

    /** For use without Magento. */
    public static function standard(): self
    {
        return new self(new PaymentFacts(new PaymentAllowList()));
    }

    /**
     * @param array<int, bool>|null $backToStock by order item id; null where the request does not know
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function facts(DocumentSnapshot $snapshot, ?array $backToStock): array
    {
        $more = static fn (array $item): array => JsonColumn::fixedTaxes($item) + [
            'back_to_stock' => $backToStock[$item['order_item_id'] ?? ''] ?? null,
        ];
        return DocumentFacts::head('creditmemo', $snapshot)
            + DocumentFacts::lines('creditmemo', $snapshot, $more)
            + [
                'payment' => $this->payments->payment($snapshot->payment),
                'extra' => DocumentFacts::extra('creditmemo', $snapshot),
            ];
    }
}
