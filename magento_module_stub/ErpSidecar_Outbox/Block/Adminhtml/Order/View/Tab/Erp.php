<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Block\Adminhtml\Order\View\Tab;

use ErpSidecar\Outbox\Model\Status\ErpDocuments;
use ErpSidecar\Outbox\Model\Status\OrderEvents;
use Magento\Backend\Block\Template;
use Magento\Backend\Block\Template\Context;
use Magento\Backend\Block\Widget\Tab\TabInterface;

/**
 * The tab "ERP" of the order page: the order's events, what became of them, and the ERP's documents. Read-only.
 */
class Erp extends Template implements TabInterface
{
    /** @see etc/acl.xml */
    private const RESOURCE = 'ErpSidecar_Outbox::order_status';

    /** @var string */
    protected $_template = 'ErpSidecar_Outbox::order/view/tab/erp.phtml';

    /** @param array<string, mixed> $data */
    public function __construct(
        Context $context,
        private readonly OrderEvents $orderEvents,
        private readonly ErpDocuments $erpDocuments,
        array $data = []
    ) {
        parent::__construct($context, $data);
    }

    /** @return list<array{id: int, type: string, occurred_at: string, origin: string, states: array<string, string>}> */
    public function getEvents(): array
    {
        return $this->orderEvents->of($this->getOrderId());
    }

    /** @return list<array<string, string|null>> */
    public function getDocuments(): array
    {
        return $this->erpDocuments->ofOrder($this->getOrderId());
    }

    /** @inheritdoc */
    public function getTabLabel()
    {
        return __('ERP');
    }

    /** @inheritdoc */
    public function getTabTitle()
    {
        return __('ERP Documents and Events');
    }

    /** @inheritdoc */
    public function canShowTab()
    {
        return $this->_authorization->isAllowed(self::RESOURCE);
    }

    /** @inheritdoc */
    public function isHidden()
    {
        return !$this->canShowTab();
    }

    /** Nobody who may not see the tab gets its content by another way. */
    protected function _toHtml()
    {
        return $this->canShowTab() ? parent::_toHtml() : '';
    }

    private function getOrderId(): int
    {
        return (int) $this->getRequest()->getParam('order_id');
    }
}
