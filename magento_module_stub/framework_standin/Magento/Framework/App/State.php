<?php

declare(strict_types=1);

namespace Magento\Framework\App;

use Magento\Framework\Exception\LocalizedException;

/**
 * Knows in which area the process runs.
 */
class State
{
    public function __construct(private readonly ?string $areaCode = null)
    {
    }

    /** @throws LocalizedException when no area is set */
    public function getAreaCode(): string
    {
        return $this->areaCode ?? throw new LocalizedException('Area code is not set');
    }
}
