<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Magento\Sales\Api\Data\CreditmemoInterface;
use Magento\Sales\Model\SalesDocument;

/**
 * A credit memo with its items and comments, as the save of a real one leaves it.
 */
class Creditmemo extends SalesDocument implements CreditmemoInterface
{
    protected const ENTITY_TYPE = 'creditmemo';
}
