<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\ExportedAttributes;
use ErpSidecar\Outbox\Model\ProductChanges;
use Magento\Catalog\Model\ResourceModel\Product;
use Magento\Framework\DataObject;

/**
 * Tells a product one attribute of which is saved alone, as extensions like to do.
 *
 * Magento writes it by SQL in a transaction of its own, without an event.
 */
class TellSavedAttribute
{
    public function __construct(
        private readonly ProductChanges $changes,
        private readonly ExportedAttributes $exported
    ) {
    }

    /** @param string $attributeCode */
    public function aroundSaveAttribute(
        Product $subject,
        callable $proceed,
        DataObject $object,
        $attributeCode
    ): mixed {
        $save = static fn (): mixed => $proceed($object, $attributeCode);
        return $this->exported->exports((string) $attributeCode)
            ? $this->changes->around(static fn (): array => [(int) $object->getData('entity_id')], $save)
            : $save();
    }
}
