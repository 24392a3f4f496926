<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Observer;

use ErpSidecar\Outbox\Core\TransactionPayload;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\ModelRow;
use ErpSidecar\Outbox\Model\OrderEvents;
use ErpSidecar\Outbox\Model\SavesUnderWay;
use ErpSidecar\Outbox\Model\StoreCodes;
use ErpSidecar\Outbox\Model\StoredOrder;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Sales\Model\Order\Payment\Transaction;

/**
 * Appends PaymentCaptured or PaymentTransactionSaved for each save of a payment transaction.
 *
 * A payment that is captured while its order is placed is told after OrderPlaced, without a query.
 */
class CaptureTransaction implements ObserverInterface
{
    public function __construct(
        private readonly Families $families,
        private readonly OrderEvents $events,
        private readonly TransactionPayload $payload,
        private readonly SavesUnderWay $saves,
        private readonly ModelRow $modelRow,
        private readonly StoredOrder $orders,
        private readonly StoreCodes $stores
    ) {
    }

    public function execute(Observer $observer): void
    {
        if (!$this->families->isOn(Families::DOCUMENTS)) {
            return;
        }
        /** @var Transaction $transaction */
        $transaction = $observer->getEvent()->getData('data_object');
        $isFirst = $this->saves->isFirst($transaction, 'transaction_id');
        $this->saves->end($transaction);
        $orderId = (int) $transaction->getOrderId();
        $placing = $this->saves->placing($orderId);
        $order = $placing === null
            ? $this->orders->row($orderId)
            : $this->modelRow->of('sales_order', $placing->getData());
        $storeId = $order['store_id'] ?? null;
        $this->events->append(
            TransactionPayload::type($transaction->getTxnType(), $isFirst),
            $orderId,
            $storeId === null ? null : (int) $storeId,
            isset($order['customer_id']) ? (int) $order['customer_id'] : null,
            fn (): array => $this->facts($transaction, $order),
            ['transaction_id' => (int) $transaction->getId()]
        );
    }

    /**
     * @param array<string, mixed> $order
     * @return array<string, mixed>
     */
    private function facts(Transaction $transaction, array $order): array
    {
        $payment = $transaction->getOrderPaymentObject(false) ?: null;
        return $this->payload->facts(
            $this->modelRow->of('sales_payment_transaction', $transaction->getData()),
            $payment === null ? null : $this->modelRow->of('sales_order_payment', $payment->getData()),
            $order,
            $this->stores->of($order['store_id'] ?? null)
        );
    }
}
