<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Magento\Sales\Model\AbstractModel;
use Magento\Sales\Model\Order;

/**
 * A shipment with its items, tracks and comments, as the save of a real one leaves it.
 */
class Shipment extends AbstractModel
{
    private ?Order $order = null;

    /** The name of the order's history entries from now on, as Magento sets it with each look at the order. */
    private string $entityType = 'shipment';

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
        return $this->order->setHistoryEntityName($this->entityType);
    }

    /** @return list<AbstractModel> */
    public function getAllItems(): array
    {
        $items = $this->getData('items') ?? [];
        return array_values(array_filter($items, static fn (AbstractModel $item): bool => !$item->isDeleted()));
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

    /** @return list<AbstractModel> */
    public function getAllTracks(): array
    {
        $tracks = $this->getData('tracks') ?? [];
        return array_values(array_filter($tracks, static fn (AbstractModel $track): bool => !$track->isDeleted()));
    }
}
