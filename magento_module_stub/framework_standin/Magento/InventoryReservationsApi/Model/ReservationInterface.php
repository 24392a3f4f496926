<?php

declare(strict_types=1);

namespace Magento\InventoryReservationsApi\Model;

/**
 * What a sale takes from a stock until its goods leave a source.
 */
interface ReservationInterface
{
    public function getStockId(): int;

    public function getSku(): string;

    public function getQuantity(): float;

    public function getMetadata(): ?string;
}
