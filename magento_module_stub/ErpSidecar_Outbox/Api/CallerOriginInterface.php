<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Api;

/**
 * Tells a caller of the web API what the module takes its changes for.
 *
 * @api
 */
interface CallerOriginInterface
{
    /**
     * The origin that events of this caller's changes carry: "erp" for what is not sent back to the ERP.
     *
     * @return string
     */
    public function get(): string;
}
