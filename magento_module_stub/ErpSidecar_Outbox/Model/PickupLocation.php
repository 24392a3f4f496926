<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\App\ResourceConnection;
use Magento\Sales\Model\Order;

/**
 * The store where an order is collected: an extension attribute of Magento's in-store pickup.
 *
 * Magento loads it with a single order only: one of a list, or one that an extension loads as a model, has it in the
 * table alone. An order that is sent, and a shop without in-store pickup, cost no query.
 */
class PickupLocation
{
    private const TABLE = 'inventory_pickup_location_order';
    private const SHIPPING_METHOD = 'instore_pickup';
    private const GETTER = 'getPickupLocationCode';

    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** Null where the order is sent; an order that is being placed has it in memory, or not yet. */
    public function of(Order $order, bool $isBeingPlaced): ?string
    {
        $told = ExtensionAttribute::text($order, self::GETTER);
        $isKept = $told === null && !$isBeingPlaced
            && $order->getData('shipping_method') === self::SHIPPING_METHOD
            && ExtensionAttribute::isDeclared($order, self::GETTER);
        return $isKept ? $this->kept((int) $order->getId()) : $told;
    }

    private function kept(int $orderId): ?string
    {
        $connection = $this->resources->getConnection(Outbox::DEFAULT_RESOURCE);
        $code = $connection->fetchOne(
            $connection->select()
                ->from($this->resources->getTableName(self::TABLE, Outbox::DEFAULT_RESOURCE), ['pickup_location_code'])
                ->where('order_id = ?', $orderId)
        );
        return $code === false || $code === '' ? null : (string) $code;
    }
}
