<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Observer;

use ErpSidecar\OutboxInventory\Model\BeingSaved;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A product is about to be deleted, and its source items with it.
 */
class RememberDeletedProduct implements ObserverInterface
{
    public function __construct(private readonly BeingSaved $beingSaved)
    {
    }

    public function execute(Observer $observer): void
    {
        $this->beingSaved->remember(BeingSaved::DELETED_PRODUCT, $observer->getEvent()->getData('data_object'));
    }
}
