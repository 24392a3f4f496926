<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payloads of CustomerSaved and CustomerDeleted.
 *
 * CustomerSaved tells the whole account as its transaction leaves it, with every address and every newsletter
 * subscription, whichever of them was saved: an ERP that writes what it is told needs no memory of earlier events,
 * and an address that is not in the list is gone. CustomerDeleted tells ids and nothing personal.
 */
class CustomerPayload
{
    public const SAVED = 'CustomerSaved';
    public const DELETED = 'CustomerDeleted';

    /**
     * @param array{store_id: int|string, store_code: string, website_code: string, group_code: string}|null $store
     *     where the account was opened
     * @param string|null $websiteCode the website that the account is valid for
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function saved(CustomerSnapshot $snapshot, ?array $store, ?string $websiteCode): array
    {
        return [
            'store' => self::store($store),
            'website_code' => $websiteCode,
            'customer' => Row::of('customer', $snapshot->customer),
            'group' => $snapshot->group === null ? null : Row::of('customer_group', $snapshot->group),
            'addresses' => array_map(self::address(...), $snapshot->addresses),
            'newsletter' => Row::ofAll('newsletter_subscriber', $snapshot->subscriptions),
            'custom_attributes' => (object) $snapshot->attributes,
        ];
    }

    /**
     * @param array<string, mixed> $customer the row of customer_entity as it was
     * @return array<string, mixed> what follows the envelope
     */
    public function deleted(array $customer): array
    {
        $ids = array_fill_keys(['entity_id', 'website_id', 'store_id', 'increment_id'], true);
        return ['customer' => array_intersect_key(Row::of('customer', $customer), $ids)];
    }

    /**
     * @param array<string, mixed>|null $store
     * @return array<string, mixed>|null
     */
    private static function store(?array $store): ?array
    {
        return $store === null ? null : [
            'store_id' => (int) $store['store_id'],
            'store_code' => $store['store_code'],
            'website_code' => $store['website_code'],
            'group_code' => $store['group_code'],
        ];
    }

    /**
     * @param array<string, mixed> $address
     * @return array<string, mixed>
     */
    private static function address(array $address): array
    {
        $row = Row::of('customer_address', $address);
        $lines = preg_split('/[\r\n]+/', $row['street'] ?? '', -1, PREG_SPLIT_NO_EMPTY);
        return array_replace($row, ['street' => $lines]);
    }
}
