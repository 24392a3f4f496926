<?php

declare(strict_types=1);

namespace Magento\Backend\Block;

use Magento\Backend\Block\Template\Context;
use Magento\Framework\App\RequestInterface;
use Magento\Framework\AuthorizationInterface;
use Magento\Framework\Escaper;

/**
 * A block that shows the template that it names.
 */
class Template
{
    /** @var string|null */
    protected $_template;

    /** @var AuthorizationInterface */
    protected $_authorization;

    private readonly RequestInterface $request;

    /** @param array<string, mixed> $data */
    public function __construct(Context $context, array $data = [])
    {
        $this->_authorization = $context->getAuthorization();
        $this->request = $context->getRequest();
    }

    public function getRequest(): RequestInterface
    {
        return $this->request;
    }

    public function toHtml(): string
    {
        return $this->_toHtml();
    }

    protected function _toHtml()
    {
        [$module, $file] = explode('::', (string) $this->_template);
        [$block, $escaper] = [$this, new Escaper()];
        ob_start();
        include dirname(__DIR__, 4) . "/$module/view/adminhtml/templates/$file";
        return (string) ob_get_clean();
    }
}
