<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\PaymentAllowList;
use Magento\Framework\App\Config\ScopeConfigInterface;

/**
 * The keys that etc/di.xml names and those that the shop's configuration adds.
 */
class ShopPaymentAllowList extends PaymentAllowList
{
    private const ADDED = 'erp_sidecar_outbox/payload/payment_keys';

    /** @param array<array-key, string> $keys */
    public function __construct(ScopeConfigInterface $config, array $keys = self::DEFAULT_KEYS)
    {
        $added = preg_split('/[\s,]+/', (string) $config->getValue(self::ADDED), -1, PREG_SPLIT_NO_EMPTY);
        parent::__construct(array_merge(array_values($keys), $added ?: []));
    }
}
