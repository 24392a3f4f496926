<?php

declare(strict_types=1);

namespace Magento\Framework\EntityManager;

/**
 * Knows what is known of each entity's table; here, that of Magento Open Source.
 */
class MetadataPool
{
    public function __construct(private readonly string $linkField = 'entity_id')
    {
    }

    /**
     * @param string $entityType
     * @return EntityMetadataInterface
     */
    public function getMetadata($entityType)
    {
        return new class ($this->linkField) implements EntityMetadataInterface {
            public function __construct(private readonly string $linkField)
            {
            }

            public function getLinkField()
            {
                return $this->linkField;
            }
        };
    }
}
