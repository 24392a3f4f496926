<?php

declare(strict_types=1);

use Magento\Framework\App\RequestInterface;
use Magento\Framework\AuthorizationInterface;

/**
 * An admin who has opened one page of the panel and may do what is listed.
 */
class StandinPanel implements RequestInterface, AuthorizationInterface
{
    /**
     * @param array<string, mixed> $params of the page
     * @param list<string> $allowed resources of the ACL
     */
    public function __construct(private readonly array $params, private readonly array $allowed)
    {
    }

    public function getParam($key, $defaultValue = null)
    {
        return $this->params[$key] ?? $defaultValue;
    }

    public function isAllowed($resource, $privilege = null)
    {
        return in_array($resource, $this->allowed, true);
    }
}
