<?php

declare(strict_types=1);

namespace Magento\Framework\Exception;

/**
 * What Magento makes of any error of a save, the database's among them.
 */
class CouldNotSaveException extends LocalizedException
{
    public function __construct(string $phrase = '', ?\Exception $cause = null, int $code = 0)
    {
        parent::__construct($phrase, $code, $cause);
    }
}
