<?php

declare(strict_types=1);

namespace Magento\InventoryReservations\Model;

use Magento\InventoryReservationsApi\Model\ReservationInterface;

/**
 * A reservation as Magento passes it around: the quantity is a float there.
 */
class Reservation implements ReservationInterface
{
    public function __construct(
        private readonly int $stockId,
        private readonly string $sku,
        private readonly float $quantity,
        private readonly ?string $metadata = null
    ) {
    }

    public function getStockId(): int
    {
        return $this->stockId;
    }

    public function getSku(): string
    {
        return $this->sku;
    }

    public function getQuantity(): float
    {
        return $this->quantity;
    }

    public function getMetadata(): ?string
    {
        return $this->metadata;
    }
}
