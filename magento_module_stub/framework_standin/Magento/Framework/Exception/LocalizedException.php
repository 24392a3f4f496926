<?php

declare(strict_types=1);

namespace Magento\Framework\Exception;

/**
 * The parent of Magento's own exceptions.
 */
class LocalizedException extends \Exception
{
}
