<?php

declare(strict_types=1);

namespace Magento\Framework\DB\Adapter;

/**
 * A unique key has the value already (1062).
 */
class DuplicateException extends \Zend_Db_Exception
{
}
