<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Magento\Sales\Model\AbstractModel;
use Magento\Sales\Model\Order;

/**
 * An address of an order; a real one would load the order that it was not given.
 */
class Address extends AbstractModel
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
