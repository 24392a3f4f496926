<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

use ErpSidecar\Outbox\Core\Actor;
use ErpSidecar\Outbox\Core\Cause;

/**
 * Finds out why stock changes: from the sales event or import that the write happens in, else from the product that
 * is being renamed or deleted, else from who is acting.
 */
class StockReasons
{
    /** Sales events of Magento\InventorySalesApi\Api\Data\SalesEventInterface that stand for a document. */
    private const DOCUMENTS = [
        'shipment_created' => ['shipment', BeingSaved::SHIPMENT],
        'creditmemo_created' => ['refund', BeingSaved::CREDITMEMO],
        'invoice_created' => ['invoice', BeingSaved::INVOICE],
    ];

    private const BY_HAND = [Actor::ADMIN, Actor::INTEGRATION];

    private ?StockReason $current = null;

    public function __construct(private readonly BeingSaved $beingSaved)
    {
    }

    /**
     * All stock that the work changes, changes for this reason.
     *
     * @template T
     * @param callable(): T $work
     * @return T
     */
    public function within(StockReason $reason, callable $work): mixed
    {
        $outer = $this->current;
        $this->current = $reason;
        try {
            return $work();
        } finally {
            $this->current = $outer;
        }
    }

    /** @param string $orderId as the sales event tells it; empty while the order is being placed */
    public function ofSalesEvent(string $eventType, string $orderId): StockReason
    {
        [$reason, $kind] = self::DOCUMENTS[$eventType] ?? ['order', null];
        $document = $kind === null ? null : $this->beingSaved->last($kind);
        if ($document !== null && (string) $document->getData('order_id') === $orderId && $document->getId()) {
            return new StockReason($reason, ['type' => $kind, 'id' => (string) $document->getId()]);
        }
        return new StockReason($reason, ['type' => 'order', 'id' => $orderId === '' ? 'unknown' : $orderId]);
    }

    /**
     * Magento removes all source items of products that are deleted, renamed or of another type now; of deleted ones
     * perhaps later, in a consumer that knows no more than their SKUs.
     *
     * @param list<string> $skus
     */
    public function ofRemoval(array $skus): StockReason
    {
        $saved = $this->beingSaved->last(BeingSaved::PRODUCT);
        $isSaved = $saved !== null && in_array((string) $saved->getData('sku'), $skus, true);
        $product = ['type' => 'product', 'id' => $isSaved ? (string) $saved->getId() : 'unknown'];
        return $this->ofProduct($skus) ?? new StockReason('deletion', $product);
    }

    /**
     * @param list<string> $skus what the write is about
     * @param string|null $named the writer's own reason, where it can have one only
     */
    public function of(array $skus, ?string $named, Cause $who): StockReason
    {
        if ($this->current !== null) {
            return $this->current;
        }
        $actor = self::nameOf($who);
        return match (true) {
            $named !== null => new StockReason($named, $actor),
            default => $this->ofProduct($skus) ?? new StockReason(
                $who->origin !== 'erp' && in_array($who->actor['type'], self::BY_HAND, true) ? 'manual' : 'correction',
                $actor
            ),
        };
    }

    /** @param list<string> $skus */
    private function ofProduct(array $skus): ?StockReason
    {
        $deleted = $this->beingSaved->last(BeingSaved::DELETED_PRODUCT);
        if ($deleted !== null && in_array((string) $deleted->getData('sku'), $skus, true)) {
            return new StockReason('deletion', ['type' => 'product', 'id' => (string) $deleted->getId()]);
        }
        $saved = $this->beingSaved->last(BeingSaved::PRODUCT);
        $names = $saved === null ? [] : [(string) $saved->getOrigData('sku'), (string) $saved->getData('sku')];
        if ($names !== [] && $names[0] !== '' && $names[0] !== $names[1] && array_intersect($names, $skus) !== []) {
            return new StockReason('rename', ['type' => 'product', 'id' => (string) $saved->getId()]);
        }
        return null;
    }

    /** @return array{type: string, id: string} no document: who did it, e.g. admin:3 */
    private static function nameOf(Cause $who): array
    {
        ['type' => $type, 'id' => $id] = $who->actor;
        return ['type' => 'manual', 'id' => $id === null ? $type : "$type:$id"];
    }
}
