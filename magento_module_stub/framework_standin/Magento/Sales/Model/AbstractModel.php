<?php

declare(strict_types=1);

namespace Magento\Sales\Model;

use Magento\Framework\Model\AbstractModel as FrameworkModel;

/**
 * A row of a sales table as a model: what it holds, and what it held when it was loaded.
 */
class AbstractModel extends FrameworkModel
{
    /** The name of the id's column. */
    protected const ID_FIELD = 'entity_id';

    private bool $isDeleted = false;

    /**
     * @param array<string, mixed> $data columns, and whatever else a model carries
     * @param array<string, mixed>|null $origData what was loaded; null for a model that never was
     */
    public function __construct(array $data = [], ?array $origData = null)
    {
        parent::__construct($data, $origData, static::ID_FIELD);
    }

    public function isDeleted(?bool $isDeleted = null): bool
    {
        $before = $this->isDeleted;
        $this->isDeleted = $isDeleted ?? $before;
        return $before;
    }
}
