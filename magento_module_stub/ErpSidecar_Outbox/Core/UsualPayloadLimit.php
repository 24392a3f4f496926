<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What fits into the default packet of every supported server: 16 MB on MariaDB, 64 MB on MySQL 8.
 */
class UsualPayloadLimit implements PayloadLimit
{
    public function bytes(): int
    {
        return 8_000_000;
    }
}
