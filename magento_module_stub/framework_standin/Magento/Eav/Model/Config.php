<?php

declare(strict_types=1);

namespace Magento\Eav\Model;

use Magento\Eav\Model\Entity\Attribute\AbstractAttribute;

/**
 * Knows the attributes of each entity; in a shop, out of the cache.
 */
class Config
{
    /** @param array<string, array<string, array<string, mixed>>> $attributes entity type => code => attribute */
    public function __construct(private readonly array $attributes = [])
    {
    }

    /**
     * @param string $entityType
     * @param string $code
     * @return AbstractAttribute|false without an id where there is no such attribute
     */
    public function getAttribute($entityType, $code)
    {
        return new AbstractAttribute(['attribute_code' => $code] + ($this->attributes[$entityType][$code] ?? []));
    }
}
