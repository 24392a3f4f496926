<?php

declare(strict_types=1);

namespace Magento\Sales\Api\Data;

/**
 * An invoice as the web API knows it.
 */
interface InvoiceInterface
{
}
