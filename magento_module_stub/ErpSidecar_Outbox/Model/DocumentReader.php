<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\DocumentSnapshot;
use Magento\Framework\DataObject;
use Magento\Sales\Model\Order\Creditmemo;
use Magento\Sales\Model\Order\Invoice;
use Magento\Sales\Model\Order\Shipment;

/**
 * Reads an invoice, shipment or credit memo from the object graph that its save has just completed.
 */
class DocumentReader
{
    public function __construct(
        private readonly ModelRow $modelRow,
        private readonly StoredRows $storedRows,
        private readonly SavesUnderWay $saves,
        private readonly StoreCodes $stores
    ) {
    }

    /**
     * Costs no query of its own; a document that came from a request as an id and some columns is read back.
     *
     * @param string $table the document's table; its items and comments have the same name and an ending
     */
    public function read(Invoice|Shipment|Creditmemo $document, string $table): DocumentSnapshot
    {
        $order = $document->getOrder();
        $payment = $order->getPayment() ?: null;
        return new DocumentSnapshot(
            document: $this->saves->isPartial($document)
                ? $this->storedRows->one($table, 'entity_id', (int) $document->getId())
                : $this->modelRow->of($table, $document->getData()),
            items: $this->rows($table . '_item', $document->getAllItems()),
            comments: $this->rows($table . '_comment', $document->getComments() ?? []),
            order: $this->modelRow->of('sales_order', $order->getData()),
            orderItems: $this->rows('sales_order_item', $order->getAllItems()),
            payment: $payment === null ? null : $this->modelRow->of('sales_order_payment', $payment->getData()),
            store: $this->stores->of($document->getStoreId())
        );
    }

    /**
     * @param iterable<DataObject> $models
     * @return list<array<string, mixed>>
     */
    public function rows(string $table, iterable $models): array
    {
        $rows = [];
        foreach ($models as $model) {
            $rows[] = $this->modelRow->of($table, $model->getData());
        }
        return $rows;
    }
}
