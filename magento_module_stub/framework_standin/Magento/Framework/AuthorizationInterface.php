<?php

declare(strict_types=1);

namespace Magento\Framework;

/**
 * Tells what the admin who is logged in may do.
 */
interface AuthorizationInterface
{
    /**
     * @param string $resource
     * @param string|null $privilege
     * @return bool
     */
    public function isAllowed($resource, $privilege = null);
}
