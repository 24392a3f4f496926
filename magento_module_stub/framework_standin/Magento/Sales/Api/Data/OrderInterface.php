<?php

declare(strict_types=1);

namespace Magento\Sales\Api\Data;

/**
 * An order as the web API knows it.
 */
interface OrderInterface
{
}
