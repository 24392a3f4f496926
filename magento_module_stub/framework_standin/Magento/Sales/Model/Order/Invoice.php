<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Magento\Sales\Api\Data\InvoiceInterface;
use Magento\Sales\Model\SalesDocument;

/**
 * An invoice with its items and comments, as the save of a real one leaves it.
 */
class Invoice extends SalesDocument implements InvoiceInterface
{
    protected const ENTITY_TYPE = 'invoice';
}
