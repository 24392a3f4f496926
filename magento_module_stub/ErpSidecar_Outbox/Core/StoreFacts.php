<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The store that an order was placed in, as every sales event names it.
 */
class StoreFacts
{
    /**
     * @param array<string, mixed>|null $store
     * @return array<string, mixed>|null null where the store is gone
     */
    public static function of(?array $store): ?array
    {
        return $store === null ? null : [
            'store_id' => (int) $store['store_id'],
            'store_code' => $store['store_code'],
            'website_code' => $store['website_code'],
            'group_code' => $store['group_code'],
        ];
    }
}
