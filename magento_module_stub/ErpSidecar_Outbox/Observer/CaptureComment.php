<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\CommentPayload;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\OrderEvents;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use ErpSidecar\Outbox\Model\StoreCodes;
use ErpSidecar\Outbox\Model\StoredOrder;
use ErpSidecar\Outbox\Model\StoredRows;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order\Status\History;

/**
 * Appends OrderCommented for a line of the history that is saved without its order.
 *
 * When Magento saves an order of which only the history changed, nothing says so beforehand: then OrderCommented
 * comes first and OrderUpdated after it.
 */
class CaptureComment implements ObserverInterface
{
    public function __construct(
        private readonly Families $families,
        private readonly OrderEvents $events,
        private readonly CommentPayload $payload,
        private readonly SavesUnderWay $saves,
        private readonly StoredRows $rows,
        private readonly StoredOrder $orders,
        private readonly StoreCodes $stores
    ) {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::SALES)) {
            return;
        }
        /** @var History $comment */
        $comment = $observer->getEvent()->getData('data_object');
        $orderId = (int) $comment->getParentId();
        if ($this->saves->isWithinItsOrder($comment) || $this->saves->placing($orderId) !== null) {
            return;
        }
        $order = $this->orders->row($orderId);
        $this->events->append(
            CommentPayload::COMMENTED,
            $orderId,
            isset($order['store_id']) ? (int) $order['store_id'] : null,
            isset($order['customer_id']) ? (int) $order['customer_id'] : null,
            fn (): array => $this->payload->facts(
                $this->rows->one('sales_order_status_history', 'entity_id', (int) $comment->getId()),
                $order,
                $this->stores->of($order['store_id'] ?? null)
            ),
            ['status_history_id' => (int) $comment->getId()]
        );
    }
}
