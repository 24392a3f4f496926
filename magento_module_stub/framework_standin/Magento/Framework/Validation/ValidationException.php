<?php

declare(strict_types=1);

namespace Magento\Framework\Validation;

use Magento\Framework\Exception\LocalizedException;

/**
 * What was asked for is not allowed.
 */
class ValidationException extends LocalizedException
{
}
