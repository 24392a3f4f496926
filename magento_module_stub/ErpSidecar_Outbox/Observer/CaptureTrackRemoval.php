<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\TrackPayload;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\ModelRow;
use ErpSidecar\Outbox\Model\TrackEvents;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order\Shipment\Track;

/**
 * Appends TrackRemoved once the row is gone; the model still says what it was.
 */
class CaptureTrackRemoval implements ObserverInterface
{
    public function __construct(
        private readonly Families $families,
        private readonly TrackEvents $events,
        private readonly ModelRow $modelRow
    ) {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::DOCUMENTS)) {
            return;
        }
        /** @var Track $track */
        $track = $observer->getEvent()->getData('data_object');
        $row = fn (): array => $this->modelRow->of('sales_shipment_track', $track->getData());
        $this->events->append(TrackPayload::REMOVED, $track, $row);
    }
}
