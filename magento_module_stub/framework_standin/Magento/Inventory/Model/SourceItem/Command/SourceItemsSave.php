<?php

declare(strict_types=1);

namespace Magento\Inventory\Model\SourceItem\Command;

use Magento\Framework\Exception\CouldNotSaveException;
use Magento\Framework\Exception\InputException;
use Magento\Framework\Validation\ValidationException;
use Magento\Inventory\Model\ResourceModel\SourceItem\SaveMultiple;
use Magento\InventoryApi\Api\Data\SourceItemInterface;
use Magento\InventoryApi\Api\SourceItemsSaveInterface;

/**
 * Validates and saves source items in no transaction of its own; what the database refuses is told without its words.
 */
class SourceItemsSave implements SourceItemsSaveInterface
{
    public function __construct(private readonly SaveMultiple $saveMultiple)
    {
    }

    public function execute(array $sourceItems): void
    {
        if ($sourceItems === []) {
            throw new InputException(__('Input data is empty'));
        }
        foreach ($sourceItems as $item) {
            $this->validate($item);
        }
        try {
            $this->saveMultiple->execute($sourceItems);
        } catch (\Exception $error) {
            throw new CouldNotSaveException(__('Could not save Source Item'), $error);
        }
    }

    private function validate(SourceItemInterface $item): void
    {
        $empty = array_keys(array_filter([
            'sku' => $item->getSku(),
            'source_code' => $item->getSourceCode(),
            'status' => $item->getStatus() === null ? '' : 'given',
        ], static fn (?string $value): bool => trim((string) $value) === ''));
        foreach ($empty as $field) {
            throw new ValidationException(__('Validation Failed: "%1" can not be empty.', $field));
        }
    }
}
