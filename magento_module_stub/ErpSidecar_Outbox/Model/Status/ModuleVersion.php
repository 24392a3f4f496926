<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model\Status;

/**
 * The version of this module's code, as composer.json names it.
 */
class ModuleVersion
{
    public const NUMBER = '0.1.0';
}
