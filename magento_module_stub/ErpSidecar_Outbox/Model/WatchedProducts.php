<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\ProductSnapshot;

/**
 * The products that the open transaction is changing, and how each stood before.
 */
class WatchedProducts
{
    /** @var array<int, ProductSnapshot|null> by product id; null for one that was not there, or was not looked at */
    public array $before = [];

    /** @param \Closure(array<int, ProductSnapshot|null>): void $tell */
    public function __construct(private readonly \Closure $tell)
    {
    }

    /** Tells the products; to be called before the transaction's commit. */
    public function __invoke(): void
    {
        ($this->tell)($this->before);
    }
}
