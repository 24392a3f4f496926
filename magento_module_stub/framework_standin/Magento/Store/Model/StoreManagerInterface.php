<?php

declare(strict_types=1);

namespace Magento\Store\Model;

use Magento\Framework\DataObject;

/**
 * Finds stores by their id.
 */
interface StoreManagerInterface
{
    /**
     * @param int|string|null $storeId
     * @return DataObject with getId, getCode, getWebsite and getGroup
     */
    public function getStore($storeId = null);
}
