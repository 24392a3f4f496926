<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * How long a payload may be, so that its INSERT is never refused for its size.
 */
interface PayloadLimit
{
    /** A payload of at most this many bytes always fits: twice as long, when each byte is escaped, it is under 1 MB. */
    public const ALWAYS_FITS = 400_000;

    /** Bytes that a payload may have; asked only where a payload is longer than ALWAYS_FITS. */
    public function bytes(): int;
}
