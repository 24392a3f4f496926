<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Observer;

use ErpSidecar\OutboxInventory\Model\BeingSaved;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * A credit memo is about to be saved; its goods come back, or leave, later in the request.
 */
class RememberCreditmemo implements ObserverInterface
{
    public function __construct(private readonly BeingSaved $beingSaved)
    {
    }

    public function execute(Observer $observer): void
    {
        $this->beingSaved->remember(BeingSaved::CREDITMEMO, $observer->getEvent()->getData('data_object'));
    }
}
