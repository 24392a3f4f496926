<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order\Status;

use Magento\Sales\Model\AbstractModel;
use Magento\Sales\Model\Order;

/**
 * A line of an order's history.
 */
class History extends AbstractModel
{
    private ?Order $order = null;

    public function setOrder(Order $order): static
    {
        $this->order = $order;
        return $this;
    }

    public function getOrder(): ?Order
    {
        return $this->order;
    }
}
