<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\CreditmemoPayload;
use ErpSidecar\Outbox\Model\DocumentEvents;
use ErpSidecar\Outbox\Model\DocumentReader;
use ErpSidecar\Outbox\Model\ReturnToStock;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order\Creditmemo;

/**
 * Appends CreditmemoCreated, or CreditmemoUpdated for every later save.
 */
class CaptureCreditmemo implements ObserverInterface
{
    public function __construct(
        private readonly DocumentReader $reader,
        private readonly CreditmemoPayload $payload,
        private readonly DocumentEvents $events,
        private readonly ReturnToStock $returnToStock,
        private readonly SavesUnderWay $saves
    ) {
    }

    public function execute(Observer $observer): void
    {
        /** @var Creditmemo $creditmemo */
        $creditmemo = $observer->getEvent()->getData('object');
        $isFirst = $this->saves->isFirst($creditmemo);
        $this->events->append(
            $creditmemo,
            'creditmemo',
            CreditmemoPayload::CREATED,
            CreditmemoPayload::UPDATED,
            fn (): array => $this->payload->facts(
                $this->reader->read($creditmemo, 'sales_creditmemo'),
                $isFirst ? $this->returnToStock->of($creditmemo) : null
            )
        );
    }
}
