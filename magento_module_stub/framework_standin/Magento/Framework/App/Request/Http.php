<?php

declare(strict_types=1);

namespace Magento\Framework\App\Request;

/**
 * The request as far as its server variables go.
 */
class Http
{
    /** @param array<string, mixed> $server */
    public function __construct(private readonly array $server = [])
    {
    }

    /**
     * @param string|null $name
     * @param mixed $default
     * @return mixed
     */
    public function getServer($name = null, $default = null)
    {
        return $this->server[$name] ?? $default;
    }
}
