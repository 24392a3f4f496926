<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\InvoicePayload;
use ErpSidecar\Outbox\Model\DocumentEvents;
use ErpSidecar\Outbox\Model\DocumentReader;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order\Invoice;

/**
 * Appends InvoiceCreated, or InvoiceUpdated for every later save (paid, cancelled, used for a refund).
 */
class CaptureInvoice implements ObserverInterface
{
    public function __construct(
        private readonly DocumentReader $reader,
        private readonly InvoicePayload $payload,
        private readonly DocumentEvents $events
    ) {
    }

    public function execute(Observer $observer): void
    {
        /** @var Invoice $invoice */
        $invoice = $observer->getEvent()->getData('object');
        $this->events->append(
            $invoice,
            'invoice',
            InvoicePayload::CREATED,
            InvoicePayload::UPDATED,
            fn (): array => $this->payload->facts($this->reader->read($invoice, 'sales_invoice'))
        );
    }
}
