<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\ShipmentPayload;
use ErpSidecar\Outbox\Model\DocumentEvents;
use ErpSidecar\Outbox\Model\DocumentReader;
use ErpSidecar\Outbox\Model\ExtensionAttribute;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order\Shipment;

/**
 * Appends ShipmentCreated, or ShipmentUpdated for every later save.
 *
 * The source stands in the shipment's extension attribute: its table is written later than any hook.
 */
class CaptureShipment implements ObserverInterface
{
    public function __construct(
        private readonly DocumentReader $reader,
        private readonly ShipmentPayload $payload,
        private readonly DocumentEvents $events
    ) {
    }

    public function execute(Observer $observer): void
    {
        /** @var Shipment $shipment */
        $shipment = $observer->getEvent()->getData('object');
        $this->events->append(
            $shipment,
            'shipment',
            ShipmentPayload::CREATED,
            ShipmentPayload::UPDATED,
            fn (): array => $this->payload->facts(
                $this->reader->read($shipment, 'sales_shipment'),
                $this->reader->rows('sales_shipment_track', $shipment->getAllTracks()),
                ExtensionAttribute::text($shipment, 'getSourceCode'),
                ExtensionAttribute::text($shipment->getOrder(), 'getPickupLocationCode')
            )
        );
    }
}
