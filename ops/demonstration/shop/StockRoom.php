<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * Stock that moves without an order: counted again, sent to another warehouse, imported, or found and lost.
 */
class StockRoom
{
    private const SOURCES = ['west', 'east', 'eu-hub'];

    public function __construct(
        private readonly Database $database,
        private readonly OrderJournal $journal,
        private readonly Dice $dice,
    ) {
    }

    /** One of them, drawn. */
    public function move(): void
    {
        match ($this->dice->between(1, 4)) {
            1 => $this->recount($this->dice->oneOf(['manual', 'correction'])),
            2 => $this->thereAndBack(),
            3 => $this->transfer(),
            4 => $this->import(),
        };
    }

    /** Each of them once. */
    public function moveEachWay(): void
    {
        $this->recount('manual');
        $this->recount('correction');
        $this->thereAndBack();
        $this->transfer();
        $this->import();
    }

    private function recount(string $reason): void
    {
        $quantity = $this->dice->oneOf([-3, -2, -1, 1, 2, 5]) * Amount::ONE;
        $this->together([[$this->source(), $this->sku(), $quantity, $reason]]);
    }

    /** Adds up to nothing. */
    private function thereAndBack(): void
    {
        [$source, $sku, $quantity] = [$this->source(), $this->sku(), $this->dice->between(1, 9) * Amount::ONE];
        $this->together([[$source, $sku, $quantity, 'manual']]);
        $this->together([[$source, $sku, -$quantity, 'manual']]);
    }

    private function transfer(): void
    {
        [$sku, $quantity] = [$this->sku(), $this->dice->between(1, 9) * Amount::ONE];
        $this->together([['west', $sku, -$quantity, 'transfer'], ['east', $sku, $quantity, 'transfer']]);
    }

    /** A file that came from the ERP itself: it must not go back there. */
    private function import(): void
    {
        $this->together([[$this->source(), $this->sku(), $this->dice->between(1, 50) * Amount::ONE, 'import']]);
    }

    /** @param list<array{0: string, 1: string, 2: int, 3: string}> $moves source, SKU, quantity, reason */
    private function together(array $moves): void
    {
        $this->database->transaction(function () use ($moves): void {
            foreach ($moves as [$source, $sku, $quantity, $reason]) {
                $this->journal->moved($source, $sku, $quantity, $reason, ['type' => 'manual', 'id' => 'stock room']);
            }
        });
    }

    private function source(): string
    {
        return $this->dice->oneOf(self::SOURCES);
    }

    private function sku(): string
    {
        return $this->dice->oneOf(Catalogue::STOCKED);
    }
}
