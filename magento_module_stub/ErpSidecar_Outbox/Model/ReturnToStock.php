<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Sales\Model\Order\Creditmemo;

/**
 * Which items of a new credit memo go back to stock. Magento acts on it after the save and stores it nowhere.
 *
 * The admin form puts back_to_stock on each item; REST and SOAP name order items in return_to_stock_items, which
 * Plugin\RememberReturnToStock leaves on the credit memo; the shop's setting returns everything.
 */
class ReturnToStock
{
    /** Data of a credit memo, and no column: ids of order items that the request wants back in stock. */
    public const REQUESTED = 'erp_outbox_return_to_stock';

    /** As in Magento\CatalogInventory\Model\Configuration::XML_PATH_ITEM_AUTO_RETURN; that module may be removed. */
    private const AUTO_RETURN = 'cataloginventory/item_options/auto_return';

    public function __construct(private readonly ScopeConfigInterface $config)
    {
    }

    /** @return array<int, bool> by order item id */
    public function of(Creditmemo $creditmemo): array
    {
        $requested = array_map(intval(...), $creditmemo->getData(self::REQUESTED) ?? []);
        $isAutomatic = $this->config->isSetFlag(self::AUTO_RETURN, 'store');
        $back = [];
        foreach ($creditmemo->getAllItems() as $item) {
            $orderItemId = (int) $item->getOrderItemId();
            $back[$orderItemId] = $isAutomatic || $item->getBackToStock() || in_array($orderItemId, $requested, true);
        }
        return $back;
    }
}
