<?php

declare(strict_types=1);

namespace Magento\Backend\Block\Template;

use Magento\Framework\App\RequestInterface;
use Magento\Framework\AuthorizationInterface;

/**
 * What every block of the panel is given.
 */
class Context
{
    public function __construct(
        private readonly RequestInterface $request,
        private readonly AuthorizationInterface $authorization
    ) {
    }

    public function getRequest(): RequestInterface
    {
        return $this->request;
    }

    public function getAuthorization(): AuthorizationInterface
    {
        return $this->authorization;
    }
}
