<?php

declare(strict_types=1);

namespace Magento\Framework\Model;

use Magento\Framework\DataObject;

/**
 * A model with its id and with what was loaded.
 */
class AbstractModel extends DataObject
{
    /**
     * @param array<string, mixed> $data
     * @param array<string, mixed>|null $origData what was loaded; null for a model that never was
     */
    public function __construct(
        array $data = [],
        private readonly ?array $origData = null,
        private readonly string $idFieldName = 'entity_id'
    ) {
        parent::__construct($data);
    }

    public function getId(): mixed
    {
        return $this->getData($this->idFieldName);
    }

    /** @return mixed one value, or all of them without a key; null where nothing was loaded */
    public function getOrigData(?string $key = null): mixed
    {
        return $key === null ? $this->origData : $this->origData[$key] ?? null;
    }
}
