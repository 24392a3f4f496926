<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order\Payment;

use Magento\Sales\Model\AbstractModel;
use Magento\Sales\Model\Order;

/**
 * A transaction with the payment provider.
 */
class Transaction extends AbstractModel
{
    protected const ID_FIELD = 'transaction_id';

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

    /** @throws \LogicException as Magento does before the transaction has an id */
    public function getOrderPaymentObject(bool $shouldLoad = true): ?AbstractModel
    {
        if ($this->getId() === null) {
            throw new \LogicException('You can\'t do this without a transaction object.');
        }
        return $this->getData('payment_object');
    }
}
