<?php

declare(strict_types=1);

namespace Magento\Framework\Module;

/**
 * Knows which modules are switched on.
 */
class Manager
{
    /** @param list<string> $disabled */
    public function __construct(private readonly array $disabled = [])
    {
    }

    /**
     * @param string $moduleName
     * @return bool
     */
    public function isEnabled($moduleName)
    {
        return !in_array($moduleName, $this->disabled, true);
    }
}
