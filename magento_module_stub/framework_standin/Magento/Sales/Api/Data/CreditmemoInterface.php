<?php

declare(strict_types=1);

namespace Magento\Sales\Api\Data;

/**
 * A credit memo as the web API knows it.
 */
interface CreditmemoInterface
{
}
