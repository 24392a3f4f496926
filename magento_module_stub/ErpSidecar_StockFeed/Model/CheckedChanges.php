<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Model;

use ErpSidecar\Outbox\Core\DecimalString;
use ErpSidecar\Outbox\Core\StockLevel;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use ErpSidecar\OutboxInventory\Model\SourceItem;
use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use ErpSidecar\StockFeed\Api\Data\SourceItemChangeInterface;
use Magento\Framework\Exception\InputException;

/**
 * Changes whose fields can be trusted: one for each source item, with exact quantities that the column can hold.
 */
class CheckedChanges
{
    private const LARGEST = 8;

    /** @var array<string, array{SourceItemChangeInterface, string|null, StockLevel}> change, expected, wanted */
    private array $byKey = [];

    /**
     * @param SourceItemChangeInterface[] $changes
     * @throws InputException naming the change by its place
     */
    public function __construct(array $changes)
    {
        foreach (array_values($changes) as $before => $change) {
            $place = $before + 1;
            $key = self::key($change->getSourceCode(), $change->getSku());
            if (trim($change->getSourceCode()) === '' || trim($change->getSku()) === '' || isset($this->byKey[$key])) {
                throw new InputException(__('Change %1 names no source item of its own.', $place));
            }
            if (!in_array($change->getStatus(), [0, 1], true)) {
                throw new InputException(__('Change %1 has a status that is neither 0 nor 1.', $place));
            }
            $expected = $change->getExpectedQuantity();
            $wanted = self::quantity($change->getQuantity(), $place);
            if ($wanted[0] === '-') {
                throw new InputException(__('Change %1 has a quantity below zero.', $place));
            }
            $this->byKey[$key] = [
                $change,
                $expected === null ? null : self::quantity($expected, $place),
                new StockLevel($wanted, $change->getStatus()),
            ];
        }
    }

    public function keys(): SourceItemKeys
    {
        return SourceItemKeys::of(array_column($this->byKey, 0));
    }

    /**
     * What each change is to do, with the row that there is for it.
     *
     * @param array<int, SourceItem> $rows
     * @return list<array{SourceItemChangeInterface, string|null, StockLevel, SourceItem|null}>
     * @throws InputException where the table spells a source item in another way
     */
    public function beside(array $rows): array
    {
        $rowOf = [];
        foreach ($rows as $row) {
            $key = self::key($row->sourceCode, $row->sku);
            if (!isset($this->byKey[$key])) {
                throw new InputException(
                    __('Magento spells this source item "%1", "%2".', $row->sourceCode, $row->sku)
                );
            }
            $rowOf[$key] = $row;
        }
        $told = [];
        foreach ($this->byKey as $key => $change) {
            $told[] = [...$change, $rowOf[$key] ?? null];
        }
        return $told;
    }

    private static function key(string $sourceCode, string $sku): string
    {
        return "$sourceCode\n$sku";
    }

    private static function quantity(string $text, int $place): string
    {
        try {
            $quantity = DecimalString::of($text);
        } catch (UnbuildablePayload $error) {
            throw new InputException(__('Change %1 has a quantity that is not one.', $place), $error);
        }
        if (strlen(ltrim(strstr($quantity, '.', true), '-')) > self::LARGEST) {
            throw new InputException(__('Change %1 has a quantity that is too large.', $place));
        }
        return $quantity;
    }
}
