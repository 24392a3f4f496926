<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Store\Model\StoreManagerInterface;

/**
 * The codes of a store, its website and its group; Magento keeps all stores in memory.
 */
class StoreCodes
{
    public function __construct(private readonly StoreManagerInterface $stores)
    {
    }

    /** @return array{store_id: int, store_code: string, website_code: string, group_code: string}|null */
    public function of(int|string|null $storeId): ?array
    {
        if ($storeId === null) {
            return null;
        }
        $store = $this->stores->getStore($storeId);
        return [
            'store_id' => (int) $store->getId(),
            'store_code' => $store->getCode(),
            'website_code' => $store->getWebsite()->getCode(),
            'group_code' => $store->getGroup()->getCode(),
        ];
    }
}
