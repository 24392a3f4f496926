<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The operating system's random source.
 */
class SystemRandomness implements Randomness
{
    public function bytes(int $count): string
    {
        return random_bytes($count);
    }
}
