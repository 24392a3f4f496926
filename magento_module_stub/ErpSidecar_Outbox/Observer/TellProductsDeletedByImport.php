<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\ProductChanges;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Tells the products that a bunch of an import has deleted, in the transaction that deleted them.
 *
 * Their rows are gone by then, and Magento names only their ids; the SKU stands in the row of the bunch at the same
 * place, as long as no row was left out.
 */
class TellProductsDeletedByImport implements ObserverInterface
{
    public function __construct(private readonly ProductChanges $changes)
    {
    }

    public function execute(Observer $observer): void
    {
        $event = $observer->getEvent();
        $ids = array_map('intval', array_values((array) $event->getData('ids_to_delete')));
        $skus = array_values(array_filter(array_column((array) $event->getData('bunch'), 'sku')));
        $this->changes->tellDeleted(
            count($ids) === count($skus) ? array_combine($ids, $skus) : array_fill_keys($ids, null)
        );
    }
}
