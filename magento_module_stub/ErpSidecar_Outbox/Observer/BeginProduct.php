<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\ProductChanges;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Tells a product that had no id before it was written: a new one.
 */
class BeginProduct implements ObserverInterface
{
    public function __construct(private readonly ProductChanges $changes)
    {
    }

    public function execute(Observer $observer): void
    {
        $this->changes->begin((int) $observer->getEvent()->getData('data_object')->getId());
    }
}
