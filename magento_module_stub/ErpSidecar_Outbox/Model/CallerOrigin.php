<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Api\CallerOriginInterface;

/**
 * Asks the same rules as every event does.
 */
class CallerOrigin implements CallerOriginInterface
{
    public function __construct(private readonly CurrentCause $cause)
    {
    }

    public function get(): string
    {
        return $this->cause->of(null)->origin;
    }
}
