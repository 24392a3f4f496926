<?php

declare(strict_types=1);

namespace Magento\Framework\App\Request;

/**
 * The request as far as its server variables go.
 */
class Http
{
    /** @param array<string, string> $server */
    public function __construct(private readonly array $server = [])
    {
    }

    public function getServer(string $name): ?string
    {
        return $this->server[$name] ?? null;
    }
}
