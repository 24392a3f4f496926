<?php

declare(strict_types=1);

namespace Magento\Sales\Model;

/**
 * What the stand-in's invoices, shipments and credit memos have in common; Magento itself writes it out in each.
 */
abstract class SalesDocument extends AbstractModel
{
    /** The name of the order's history entries from now on, as Magento sets it with each look at the order. */
    protected const ENTITY_TYPE = '';

    private ?Order $order = null;

    public function setOrder(Order $order): static
    {
        $this->order = $order;
        return $this->setData('order_id', $order->getId())->setData('store_id', $order->getStoreId());
    }

    public function getOrder(): Order
    {
        if ($this->order === null) {
            throw new \LogicException('The stand-in loads no order for a document.');
        }
        return $this->order->setHistoryEntityName(static::ENTITY_TYPE);
    }

    /** @return list<AbstractModel> */
    public function getAllItems(): array
    {
        return $this->kept('items');
    }

    /** @return list<AbstractModel>|null */
    public function getComments(): ?array
    {
        return $this->getData('comments');
    }

    public function getExtensionAttributes(): ?object
    {
        return $this->getData('extension_attributes');
    }

    /** @return list<AbstractModel> the parts under this key that are not deleted */
    protected function kept(string $key): array
    {
        $parts = $this->getData($key) ?? [];
        return array_values(array_filter($parts, static fn (AbstractModel $part): bool => !$part->isDeleted()));
    }
}
