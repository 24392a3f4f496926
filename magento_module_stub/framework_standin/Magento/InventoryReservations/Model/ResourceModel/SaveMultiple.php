<?php

declare(strict_types=1);

namespace Magento\InventoryReservations\Model\ResourceModel;

use Magento\Framework\App\ResourceConnection;
use Magento\InventoryReservationsApi\Model\ReservationInterface;

/**
 * Adds reservations: one statement, no transaction of its own.
 */
class SaveMultiple
{
    public function __construct(private readonly ResourceConnection $resourceConnection)
    {
    }

    /**
     * @param ReservationInterface[] $reservations
     * @return void
     */
    public function execute(array $reservations)
    {
        $this->resourceConnection->getConnection()->insertMultiple(
            $this->resourceConnection->getTableName('inventory_reservation'),
            array_map(static fn (ReservationInterface $reservation): array => [
                'stock_id' => $reservation->getStockId(),
                'sku' => $reservation->getSku(),
                'quantity' => $reservation->getQuantity(),
                'metadata' => $reservation->getMetadata(),
            ], array_values($reservations))
        );
    }
}
