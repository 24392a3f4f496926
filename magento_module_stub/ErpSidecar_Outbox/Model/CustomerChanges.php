<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\CustomerChange;
use ErpSidecar\Outbox\Core\CustomerPayload;
use ErpSidecar\Outbox\Core\CustomerSnapshot;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\Subject;
use Magento\Framework\App\ResourceConnection;

/**
 * Tells the accounts that a transaction changes: each once, as its last words, and only where there is news.
 *
 * Before an account, an address or a subscription of it is written, the account's row is locked and kept. Before
 * the commit the account is read again; when neither its row nor anything around it differs, nothing is told. So a
 * reset token, a failed login or a save of the same values raises nothing, however Magento came to write it.
 */
class CustomerChanges
{
    private const REMEMBERED = 1000;

    /** @var array<int, string> what was last told of each account in this process, as a hash */
    private array $told = [];
    private int $rollbacks = 0;

    public function __construct(
        private readonly Families $families,
        private readonly ResourceConnection $resources,
        private readonly CustomerReader $reader,
        private readonly CustomerPayload $payload,
        private readonly OutboxEvents $events,
        private readonly CurrentCause $cause,
        private readonly Outbox $outbox,
        private readonly BeforeCommit $beforeCommit
    ) {
    }

    /** Call before the account's own row is written. */
    public function watch(int $customerId): void
    {
        if ($this->families->isOn(Families::CUSTOMERS)) {
            $this->watched($customerId);
        }
    }

    /** Call before, or at the latest after, anything else of the account is written: that is news by itself. */
    public function expect(int $customerId): void
    {
        if ($this->families->isOn(Families::CUSTOMERS)) {
            $this->watched($customerId)->isNews = true;
        }
    }

    /** Call after the row of a new account is written. */
    public function begin(int $customerId): void
    {
        if (!$this->families->isOn(Families::CUSTOMERS)) {
            return;
        }
        $connection = $this->resources->getConnection(CustomerReader::RESOURCE);
        if ($this->beforeCommit->find($connection, "customer:$customerId") === null) {
            $this->remember(new WatchedCustomer($customerId, null, $this->tell(...)));
        }
    }

    private function watched(int $customerId): WatchedCustomer
    {
        $connection = $this->resources->getConnection(CustomerReader::RESOURCE);
        $watched = $this->beforeCommit->find($connection, "customer:$customerId");
        if (!$watched instanceof WatchedCustomer) {
            $watched = new WatchedCustomer($customerId, $this->reader->lock($customerId), $this->tell(...));
            $this->remember($watched);
        }
        return $watched;
    }

    private function remember(WatchedCustomer $watched): void
    {
        $connection = $this->resources->getConnection(CustomerReader::RESOURCE);
        $this->beforeCommit->add($connection, "customer:$watched->customerId", $watched);
        if ($connection->getTransactionLevel() === 0) {
            $this->beforeCommit->run($connection);
        }
    }

    private function tell(WatchedCustomer $watched): void
    {
        $after = $this->reader->read($watched->customerId);
        if ($after === null) {
            $this->tellDeleted($watched);
        } elseif ($watched->isNews || CustomerChange::isBetween($watched->before, $after)) {
            $this->tellSaved($watched->customerId, $after);
        }
    }

    private function tellSaved(int $customerId, CustomerSnapshot $after): void
    {
        $content = hash('sha256', serialize($after));
        if ($this->lastTold($customerId) === $content) {
            return;
        }
        [$storeId, $websiteId] = [$after->customer['store_id'], $after->customer['website_id']];
        $this->append(CustomerPayload::SAVED, $customerId, $storeId, fn (): array => $this->payload->saved(
            $after,
            $this->reader->store($storeId),
            $this->reader->websiteCode($websiteId)
        ));
        $this->told[$customerId] = $content;
    }

    /**
     * Magento saves the account and each of its addresses in transactions of their own, also those that nothing
     * changed; the same state, with the same times of its rows, is told once. After a rollback nobody can say what
     * was told, so it is told again.
     */
    private function lastTold(int $customerId): ?string
    {
        if ($this->rollbacks !== $this->beforeCommit->rollbacks() || count($this->told) >= self::REMEMBERED) {
            [$this->told, $this->rollbacks] = [[], $this->beforeCommit->rollbacks()];
        }
        return $this->told[$customerId] ?? null;
    }

    private function tellDeleted(WatchedCustomer $watched): void
    {
        $before = $watched->before?->customer;
        if ($before !== null) {
            $this->append(
                CustomerPayload::DELETED,
                $watched->customerId,
                $before['store_id'],
                fn (): array => $this->payload->deleted($before)
            );
        }
    }

    /**
     * @param int|string|null $storeId
     * @param callable(): array<string, mixed> $facts
     */
    private function append(string $type, int $customerId, $storeId, callable $facts): void
    {
        $subject = Subject::customer($customerId, $storeId === null ? null : (int) $storeId);
        $this->outbox->append(
            $this->events->event($type, $subject, $this->cause->of($customerId), $facts),
            CustomerReader::RESOURCE
        );
    }
}
