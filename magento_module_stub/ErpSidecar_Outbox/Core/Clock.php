<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The only source of the present in this module.
 */
interface Clock
{
    /** Microseconds since 1970 in UTC. */
    public function microseconds(): int;
}
