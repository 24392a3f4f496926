<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\ReturnToStock;
use Magento\Framework\DataObject;
use Magento\Sales\Api\Data\CreditmemoCommentCreationInterface;
use Magento\Sales\Api\Data\CreditmemoCreationArgumentsInterface;
use Magento\Sales\Api\Data\CreditmemoInterface;
use Magento\Sales\Api\Data\InvoiceInterface;
use Magento\Sales\Api\Data\OrderInterface;
use Magento\Sales\Model\Order\CreditmemoDocumentFactory;

/**
 * Leaves on a new credit memo which items its request wants back in stock: no event carries a request's arguments.
 *
 * It changes nothing that Magento reads. Magento itself acts on the arguments only after the refund has committed.
 */
class RememberReturnToStock
{
    /**
     * @param mixed[] $items
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function afterCreateFromOrder(
        CreditmemoDocumentFactory $subject,
        CreditmemoInterface $result,
        OrderInterface $order,
        array $items = [],
        ?CreditmemoCommentCreationInterface $comment = null,
        ?bool $appendComment = false,
        ?CreditmemoCreationArgumentsInterface $arguments = null
    ): CreditmemoInterface {
        return $this->remember($result, $arguments);
    }

    /**
     * @param mixed[] $items
     * @SuppressWarnings(PHPMD.UnusedFormalParameter)
     */
    public function afterCreateFromInvoice(
        CreditmemoDocumentFactory $subject,
        CreditmemoInterface $result,
        InvoiceInterface $invoice,
        array $items = [],
        ?CreditmemoCommentCreationInterface $comment = null,
        ?bool $appendComment = false,
        ?CreditmemoCreationArgumentsInterface $arguments = null
    ): CreditmemoInterface {
        return $this->remember($result, $arguments);
    }

    private function remember(
        CreditmemoInterface $creditmemo,
        ?CreditmemoCreationArgumentsInterface $arguments
    ): CreditmemoInterface {
        $attributes = $arguments?->getExtensionAttributes();
        if (
            $attributes !== null
            && method_exists($attributes, 'getReturnToStockItems')
            && $creditmemo instanceof DataObject
        ) {
            $creditmemo->setData(ReturnToStock::REQUESTED, $attributes->getReturnToStockItems() ?? []);
        }
        return $creditmemo;
    }
}
