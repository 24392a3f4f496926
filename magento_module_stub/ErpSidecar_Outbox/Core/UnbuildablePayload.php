<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The rows given cannot be told exactly; the event is written with this reason in place of a payload.
 *
 * Messages name columns and types, never values: they may end in a log.
 */
class UnbuildablePayload extends \RuntimeException
{
}
