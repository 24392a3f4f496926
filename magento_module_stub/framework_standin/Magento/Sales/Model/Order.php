<?php

declare(strict_types=1);

namespace Magento\Sales\Model;

use Magento\Framework\DataObject;
use Magento\Sales\Api\Data\OrderInterface;

/**
 * An order with its parts, as the save of a real one leaves it: parts are objects, not columns.
 */
class Order extends DataObject implements OrderInterface
{
    /**
     * @param array<string, mixed> $data columns, and whatever else a model carries
     * @param array<string, mixed>|null $origData what was loaded; null for an order that never was
     * @param list<DataObject> $items
     * @param list<DataObject> $statusHistories
     */
    public function __construct(
        array $data,
        private ?array $origData = null,
        private array $items = [],
        private ?DataObject $billingAddress = null,
        private ?DataObject $shippingAddress = null,
        private ?DataObject $payment = null,
        private array $statusHistories = [],
        private ?object $extensionAttributes = null
    ) {
        parent::__construct($data);
    }

    public function getId(): mixed
    {
        return $this->getData('entity_id');
    }

    public function getOrigData(string $key): mixed
    {
        return $this->origData[$key] ?? null;
    }

    /** @return list<DataObject> */
    public function getAllItems(): array
    {
        return $this->items;
    }

    public function getBillingAddress(): ?DataObject
    {
        return $this->billingAddress;
    }

    public function getShippingAddress(): ?DataObject
    {
        return $this->shippingAddress;
    }

    public function getPayment(): ?DataObject
    {
        return $this->payment;
    }

    /** @return list<DataObject> */
    public function getStatusHistories(): array
    {
        return $this->statusHistories;
    }

    public function getExtensionAttributes(): ?object
    {
        return $this->extensionAttributes;
    }

    /** The same object after its save: a new order has got its id and parts; what was loaded stays as it is. */
    public function nowHolds(self $saved): void
    {
        $this->data = $saved->data + $this->data;
        [$this->items, $this->statusHistories] = [$saved->items, $saved->statusHistories];
        [$this->billingAddress, $this->shippingAddress] = [$saved->billingAddress, $saved->shippingAddress];
        $this->payment = $saved->payment;
    }
}
