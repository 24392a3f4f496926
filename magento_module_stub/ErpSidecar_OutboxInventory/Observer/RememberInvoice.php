<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Observer;

use ErpSidecar\OutboxInventory\Model\BeingSaved;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * An invoice is about to be saved; its virtual goods leave their source right after.
 */
class RememberInvoice implements ObserverInterface
{
    public function __construct(private readonly BeingSaved $beingSaved)
    {
    }

    public function execute(Observer $observer): void
    {
        $this->beingSaved->remember(BeingSaved::INVOICE, $observer->getEvent()->getData('data_object'));
    }
}
