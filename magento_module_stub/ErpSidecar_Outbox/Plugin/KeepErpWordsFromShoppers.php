<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use Magento\Framework\Phrase;
use Magento\Sales\Model\Order\Status;
use Magento\Store\Model\StoreManagerInterface;

/**
 * Shows shoppers "Processing" for a status that speaks of the ERP, as Magento does for suspected fraud.
 *
 * A label that the merchant gave the status for a store view is shown there. Which statuses: `codes` in etc/di.xml.
 */
class KeepErpWordsFromShoppers
{
    /** @param array<string, string> $codes */
    public function __construct(
        private readonly StoreManagerInterface $stores,
        private readonly array $codes = []
    ) {
    }

    /**
     * @param Phrase|string $result
     * @param int|string|null $store
     * @return Phrase|string
     */
    public function afterGetStoreLabel(Status $subject, $result, $store = null)
    {
        if (!in_array($subject->getStatus(), $this->codes, true)) {
            return $result;
        }
        $storeId = $this->stores->getStore($store)->getId();
        return isset($subject->getStoreLabels()[$storeId]) ? $result : __('Processing');
    }
}
