<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Model;

use Magento\Framework\Model\AbstractModel;

/**
 * The document or product of each kind that this process saves, or has saved last.
 *
 * Kept as the object, because a new document gets its id only after it is announced; and weakly, because a process
 * of many orders must not keep them all.
 */
class BeingSaved
{
    public const SHIPMENT = 'shipment';
    public const CREDITMEMO = 'creditmemo';
    public const INVOICE = 'invoice';
    public const PRODUCT = 'product';
    public const DELETED_PRODUCT = 'deleted product';

    /** @var array<string, \WeakReference<AbstractModel>> */
    private array $last = [];

    public function remember(string $kind, AbstractModel $saved): void
    {
        $this->last[$kind] = \WeakReference::create($saved);
    }

    public function last(string $kind): ?AbstractModel
    {
        return ($this->last[$kind] ?? null)?->get();
    }
}
