<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

/**
 * Makes the credit memo that a web API request asks for.
 */
class CreditmemoDocumentFactory
{
}
