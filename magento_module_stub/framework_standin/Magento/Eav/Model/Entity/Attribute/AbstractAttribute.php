<?php

declare(strict_types=1);

namespace Magento\Eav\Model\Entity\Attribute;

use Magento\Framework\DataObject;

/**
 * An attribute of an entity: where its values lie, and of which type they are.
 */
class AbstractAttribute extends DataObject
{
    public const TYPE_STATIC = 'static';

    /** @param array<string, mixed> $data row of eav_attribute, with the table of its values as backend_table */
    public function __construct(array $data = [])
    {
        parent::__construct($data);
    }

    /** @return int|string|null */
    public function getAttributeId()
    {
        return $this->getData('attribute_id');
    }

    /** @return string|null */
    public function getBackendType()
    {
        return $this->getData('backend_type');
    }

    /** @return string|null */
    public function getBackendTable()
    {
        return $this->getData('backend_table');
    }

    /** @return bool */
    public function isStatic()
    {
        return $this->getBackendType() === self::TYPE_STATIC;
    }

    /** @return bool */
    public function isScopeGlobal()
    {
        return (int) $this->getData('is_global') === 1;
    }

    /** @return bool */
    public function isScopeWebsite()
    {
        return (int) $this->getData('is_global') === 2;
    }
}
