<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\Columns;
use ErpSidecar\Outbox\Core\CustomerSnapshot;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\Exception\LocalizedException;
use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Framework\Module\Manager;
use Magento\Store\Model\StoreManagerInterface;

/**
 * Reads an account from its tables, inside the transaction that changes it.
 *
 * No model of Magento holds a whole account while it is saved: addresses follow in transactions of their own, their
 * defaults are written by SQL, and a subscription is another entity. So an account is read, by its keys, once for
 * each transaction that changed it. That never happens in the transaction that places an order. What may not leave the
 * shop is not even read.
 */
class CustomerReader
{
    /** The resource, and so the connection, that Magento's customer models are saved on. */
    public const RESOURCE = 'customer';

    public function __construct(
        private readonly ResourceConnection $resources,
        private readonly StoreManagerInterface $stores,
        private readonly CustomerAttributes $attributes,
        private readonly Manager $modules
    ) {
    }

    /**
     * The account's own row and named attributes; null where there is none. The row is locked, so that the account's
     * events commit in the order of their ids.
     */
    public function lock(int $customerId): ?CustomerSnapshot
    {
        $columns = [...array_keys(Columns::of('customer')), ...$this->attributes->columns()];
        $customer = $this->rows('customer_entity', $columns, 'entity_id', $customerId, true)[0] ?? null;
        return $customer === null
            ? null
            : new CustomerSnapshot(customer: $customer, attributes: $this->attributes->of($customer));
    }

    /**
     * The whole account as it will be committed; null where it is gone. The rows are read as they are now and not as
     * the transaction's snapshot has them, which may be older than an address that another transaction has committed.
     */
    public function read(int $customerId): ?CustomerSnapshot
    {
        $locked = $this->lock($customerId);
        return $locked === null ? null : new CustomerSnapshot(
            customer: $locked->customer,
            addresses: $this->addresses($customerId),
            subscriptions: $this->modules->isEnabled('Magento_Newsletter') ? $this->subscriptions($customerId) : [],
            group: $this->group((int) $locked->customer['group_id']),
            attributes: $locked->attributes
        );
    }

    /**
     * @param int|string|null $storeId
     * @return array{store_id: int, store_code: string, website_code: string, group_code: string}|null null where the
     *     account belongs to no store, or to one that is gone
     */
    public function store($storeId): ?array
    {
        try {
            $store = $storeId === null ? null : $this->stores->getStore((int) $storeId);
        } catch (NoSuchEntityException) {
            return null;
        }
        return $store === null ? null : [
            'store_id' => (int) $store->getId(),
            'store_code' => $store->getCode(),
            'website_code' => $store->getWebsite()->getCode(),
            'group_code' => $store->getGroup()->getCode(),
        ];
    }

    /** @param int|string|null $websiteId */
    public function websiteCode($websiteId): ?string
    {
        try {
            return $websiteId === null ? null : $this->stores->getWebsite((int) $websiteId)->getCode();
        } catch (LocalizedException) {
            return null;
        }
    }

    /** @return list<array<string, mixed>> */
    private function addresses(int $customerId): array
    {
        $columns = array_keys(Columns::of('customer_address'));
        return $this->rows('customer_address_entity', $columns, 'parent_id', $customerId, true);
    }

    /** @return list<array<string, mixed>> */
    private function subscriptions(int $customerId): array
    {
        $columns = array_keys(Columns::of('newsletter_subscriber'));
        return $this->rows('newsletter_subscriber', $columns, 'customer_id', $customerId, true);
    }

    /** @return array<string, mixed>|null */
    private function group(int $groupId): ?array
    {
        $columns = array_keys(Columns::of('customer_group'));
        return $this->rows('customer_group', $columns, 'customer_group_id', $groupId, false)[0] ?? null;
    }

    /**
     * @param list<string> $columns the first one says the order
     * @return list<array<string, mixed>>
     */
    private function rows(string $table, array $columns, string $where, int $id, bool $isLocked): array
    {
        $connection = $this->resources->getConnection(self::RESOURCE);
        $select = $connection->select()
            ->from($this->resources->getTableName($table, self::RESOURCE), $columns)
            ->where("$where = ?", $id)
            ->order($columns[0])
            ->forUpdate($isLocked);
        return $connection->fetchAll($select);
    }
}
