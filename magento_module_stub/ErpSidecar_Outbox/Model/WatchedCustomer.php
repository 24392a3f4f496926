<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\CustomerSnapshot;

/**
 * An account that the open transaction is changing, and how it stood before.
 */
class WatchedCustomer
{
    /** Whether something of the account is written that is not in its row. */
    public bool $isNews = false;

    /**
     * @param CustomerSnapshot|null $before null for a new account
     * @param \Closure(WatchedCustomer): void $tell
     */
    public function __construct(
        public readonly int $customerId,
        public readonly ?CustomerSnapshot $before,
        private readonly \Closure $tell
    ) {
    }

    /** Tells the account; to be called before the transaction's commit. */
    public function __invoke(): void
    {
        ($this->tell)($this);
    }
}
