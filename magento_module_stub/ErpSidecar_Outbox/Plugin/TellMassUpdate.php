<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\ExportedAttributes;
use ErpSidecar\Outbox\Model\ProductChanges;
use Magento\Catalog\Model\ResourceModel\Product\Action;

/**
 * Tells products whose attributes are updated many at once: the admin grid and the queue consumer behind it.
 *
 * Magento raises an event only before its transaction (catalog_product_attribute_update_before).
 */
class TellMassUpdate
{
    public function __construct(
        private readonly ProductChanges $changes,
        private readonly ExportedAttributes $exported
    ) {
    }

    /**
     * @param int[] $entityIds
     * @param array<string, mixed> $attrData attribute code => value
     * @param int|string $storeId
     */
    public function aroundUpdateAttributes(
        Action $subject,
        callable $proceed,
        $entityIds,
        $attrData,
        $storeId
    ): mixed {
        $update = static fn (): mixed => $proceed($entityIds, $attrData, $storeId);
        return array_filter(array_keys($attrData), $this->exported->exports(...)) === []
            ? $update()
            : $this->changes->around(static fn (): array => array_map('intval', array_values($entityIds)), $update);
    }
}
