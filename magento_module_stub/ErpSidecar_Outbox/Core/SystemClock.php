<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The host's clock.
 */
class SystemClock implements Clock
{
    public function microseconds(): int
    {
        return (int) (new \DateTimeImmutable())->format('Uu');
    }
}
