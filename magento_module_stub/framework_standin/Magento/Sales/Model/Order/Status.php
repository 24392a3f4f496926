<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Magento\Framework\DataObject;

/**
 * An order status with its labels: status, label, and store_labels by the id of the store view.
 */
class Status extends DataObject
{
    /** @return array<int, string> */
    public function getStoreLabels()
    {
        return $this->data['store_labels'] ?? [];
    }
}
