<?php

declare(strict_types=1);

namespace Magento\Sales\Api\Data;

/**
 * What a request says about a new credit memo besides its items.
 */
interface CreditmemoCreationArgumentsInterface
{
    /** @return object|null with a getter for each attribute that an installed module declares */
    public function getExtensionAttributes();
}
