<?php

declare(strict_types=1);

namespace Magento\Sales\Model;

use Magento\Framework\DataObject;

/**
 * An order with its parts, as the save of a real one leaves it: parts are objects, not columns.
 */
class Order extends DataObject
{
    /**
     * @param array<string, mixed> $data columns, and whatever else a model carries
     * @param array<string, mixed>|null $origData what was loaded; null for an order that never was
     * @param list<DataObject> $items
     * @param list<DataObject> $statusHistories
     */
    public function __construct(
        array $data,
        private readonly ?array $origData = null,
        private readonly array $items = [],
        private readonly ?DataObject $billingAddress = null,
        private readonly ?DataObject $shippingAddress = null,
        private readonly ?DataObject $payment = null,
        private readonly array $statusHistories = [],
        private readonly ?DataObject $extensionAttributes = null
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

    public function getExtensionAttributes(): ?DataObject
    {
        return $this->extensionAttributes;
    }
}
