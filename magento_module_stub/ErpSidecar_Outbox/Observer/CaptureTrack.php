<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\TrackPayload;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use ErpSidecar\Outbox\Model\StoredRows;
use ErpSidecar\Outbox\Model\TrackEvents;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order\Shipment\Track;

/**
 * Appends TrackAdded or TrackUpdated for a track of a shipment that is there already.
 */
class CaptureTrack implements ObserverInterface
{
    public function __construct(
        private readonly Families $families,
        private readonly TrackEvents $events,
        private readonly SavesUnderWay $saves,
        private readonly StoredRows $rows
    ) {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::DOCUMENTS)) {
            return;
        }
        /** @var Track $track */
        $track = $observer->getEvent()->getData('data_object');
        $type = $this->saves->isFirst($track) ? TrackPayload::ADDED : TrackPayload::UPDATED;
        $this->saves->end($track);
        if ($this->saves->isCreatingShipment((int) $track->getParentId())) {
            return;
        }
        $row = fn (): array => $this->rows->one('sales_shipment_track', 'entity_id', (int) $track->getId());
        $this->events->append($type, $track, $row);
    }
}
