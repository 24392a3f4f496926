<?php

declare(strict_types=1);

namespace Magento\Framework\Exception;

/**
 * What was asked for cannot be read.
 */
class InputException extends LocalizedException
{
    public function __construct(string $phrase = '', ?\Exception $cause = null, int $code = 0)
    {
        parent::__construct($phrase, $code, $cause);
    }
}
