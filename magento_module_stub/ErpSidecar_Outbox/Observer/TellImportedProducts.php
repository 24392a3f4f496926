<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Model\ProductChanges;
use ErpSidecar\Outbox\Model\ProductReader;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Tells the products that a bunch of an import has written.
 *
 * The import writes by SQL without a transaction, and its event comes after that. So the events of a bunch are a
 * transaction of their own: a process that dies between the two leaves written products without an event until the
 * import runs again, and one that runs again tells them again.
 */
class TellImportedProducts implements ObserverInterface
{
    public function __construct(private readonly ProductChanges $changes, private readonly ProductReader $reader)
    {
    }

    public function execute(Observer $observer): void
    {
        $skus = [];
        foreach ((array) $observer->getEvent()->getData('bunch') as $row) {
            $sku = (string) ($row['sku'] ?? '');
            if ($sku !== '') {
                $skus[$sku] = $sku;
            }
        }
        $this->changes->tellImported(fn (): array => $this->reader->productIdsOfSkus(array_values($skus)));
    }
}
