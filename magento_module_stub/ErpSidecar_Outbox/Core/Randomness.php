<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The only source of chance in this module.
 */
interface Randomness
{
    /** Exactly this many random bytes. */
    public function bytes(int $count): string;
}
