<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Sales\Model\Order\Creditmemo;
use Magento\Sales\Model\Order\Invoice;
use Magento\Sales\Model\Order\Shipment;

/**
 * Appends the event of an invoice, shipment or credit memo whose save is complete.
 */
class DocumentEvents
{
    public function __construct(
        private readonly Families $families,
        private readonly OrderEvents $events,
        private readonly SavesUnderWay $saves
    ) {
    }

    /**
     * The first save of a document is its creation; the same object saved again in the same request is an update.
     *
     * @param string $kind prefix of the ids that are known when the facts cannot be told
     * @param callable(): array<string, mixed> $facts
     */
    public function append(
        Invoice|Shipment|Creditmemo $document,
        string $kind,
        string $created,
        string $updated,
        callable $facts
    ): void {
        if (!$this->families->isOn(Families::DOCUMENTS)) {
            return;
        }
        [$storeId, $customerId] = [$document->getStoreId(), $document->getOrder()->getCustomerId()];
        $this->events->append(
            $this->saves->isFirst($document) ? $created : $updated,
            (int) $document->getOrderId(),
            $storeId === null ? null : (int) $storeId,
            $customerId === null ? null : (int) $customerId,
            $facts,
            [$kind . '_id' => (int) $document->getId(), $kind . '_increment_id' => $document->getIncrementId()]
        );
        $this->saves->end($document);
    }
}
