<?php

declare(strict_types=1);

namespace Magento\Authorization\Model;

/**
 * Tells who is logged in.
 */
interface UserContextInterface
{
    public const USER_TYPE_INTEGRATION = 1;
    public const USER_TYPE_ADMIN = 2;
    public const USER_TYPE_CUSTOMER = 3;
    public const USER_TYPE_GUEST = 4;

    /** @return int|null */
    public function getUserId();

    /** @return int|null */
    public function getUserType();
}
