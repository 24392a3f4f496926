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
     * @throws \Magento\Framework\Exception\NoSuchEntityException
     */
    public function getStore($storeId = null);

    /**
     * @param int|string|bool|null $websiteId
     * @return DataObject with getId, getCode and getStoreIds
     * @throws \Magento\Framework\Exception\LocalizedException
     */
    public function getWebsite($websiteId = null);
}
