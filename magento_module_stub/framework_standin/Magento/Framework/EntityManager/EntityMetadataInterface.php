<?php

declare(strict_types=1);

namespace Magento\Framework\EntityManager;

/**
 * What is known of an entity's table.
 */
interface EntityMetadataInterface
{
    /** @return string the column that values hang on: entity_id, or row_id in Adobe Commerce */
    public function getLinkField();
}
