<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Magento\Sales\Api\Data\CreditmemoCommentCreationInterface;
use Magento\Sales\Api\Data\CreditmemoCreationArgumentsInterface;
use Magento\Sales\Api\Data\CreditmemoInterface;
use Magento\Sales\Api\Data\OrderInterface;

/**
 * Makes the credit memo that a web API request asks for.
 */
class CreditmemoDocumentFactory
{
    /**
     * @param mixed[] $items
     * @param bool|null $appendComment
     */
    public function createFromOrder(
        OrderInterface $order,
        array $items = [],
        ?CreditmemoCommentCreationInterface $comment = null,
        $appendComment = false,
        ?CreditmemoCreationArgumentsInterface $arguments = null
    ): CreditmemoInterface {
        return (new Creditmemo())->setOrder($order);
    }
}
