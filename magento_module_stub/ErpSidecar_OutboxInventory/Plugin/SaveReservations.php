<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\InventoryTransaction;
use ErpSidecar\Outbox\Core\InventoryReservedPayload;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\StoredValue;
use ErpSidecar\Outbox\Core\Subject;
use ErpSidecar\Outbox\Model\CurrentCause;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\Outbox;
use Magento\InventoryReservationsApi\Model\ReservationInterface;
use Magento\InventoryReservations\Model\ResourceModel\SaveMultiple;

/**
 * Captures every reservation that is added. Those that the clean-up removes have added up to nothing and are no event.
 */
class SaveReservations
{
    /** The column quantity of inventory_reservation: decimal(10,4). */
    private const QUANTITY = ['DATA_TYPE' => 'decimal', 'SCALE' => 4, 'NULLABLE' => false];

    public function __construct(
        private readonly Families $families,
        private readonly InventoryTransaction $transaction,
        private readonly CurrentCause $cause,
        private readonly InventoryReservedPayload $payload,
        private readonly OutboxEvents $events,
        private readonly Outbox $outbox
    ) {
    }

    /**
     * @param ReservationInterface[] $reservations
     * @return mixed
     */
    public function aroundExecute(SaveMultiple $subject, callable $proceed, array $reservations)
    {
        if ($reservations === [] || !$this->families->isOn(Families::INVENTORY)) {
            return $proceed($reservations);
        }
        return $this->transaction->run(function () use ($proceed, $reservations): mixed {
            $result = $proceed($reservations);
            $this->outbox->appendAll($this->rows($reservations), Outbox::DEFAULT_RESOURCE);
            return $result;
        });
    }

    /**
     * @param ReservationInterface[] $reservations
     * @return list<OutboxRow>
     */
    private function rows(array $reservations): array
    {
        $who = $this->cause->of(null);
        return array_map(fn (ReservationInterface $reservation): OutboxRow => $this->events->event(
            InventoryReservedPayload::TYPE,
            Subject::sku($reservation->getSku()),
            $who,
            fn (): array => $this->payload->facts(
                $reservation->getStockId(),
                $reservation->getSku(),
                (string) StoredValue::of($reservation->getQuantity(), self::QUANTITY),
                $reservation->getMetadata()
            ),
            ['stock_id' => $reservation->getStockId()]
        ), array_values($reservations));
    }
}
