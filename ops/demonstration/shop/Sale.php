<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * One process of a shop in a flash sale: many small orders of few products, while the warehouse ships, takes back and
 * fills its shelves.
 *
 * A shelf is filled before it is empty, but for those that somebody counts and finds empty.
 */
class Sale
{
    private const SHIPPED_PERCENT = 42;
    private const REFUNDED_PERCENT = 6;
    private const CANCELLED_PERCENT = 5;
    private const FAILED_PERCENT = 2;
    private const COUNTED_PERCENT = 1;
    private const LEAST = 60 * Amount::ONE;
    private const FILLED_BY = 150 * Amount::ONE;
    private const MARKETS = ['us', 'ny', 'de'];
    private const SOURCES = ['west', 'east', 'eu-hub'];

    /** @var list<array{order: int, source: string, skus: list<string>}> placed, and neither shipped nor cancelled */
    private array $open = [];

    /** @var array<string, Market> */
    private readonly array $markets;

    private readonly Catalogue $catalogue;
    private readonly OrderJournal $journal;
    private readonly OrderPlacement $placement;
    private readonly OrderDesk $desk;
    private readonly Documents $documents;

    public function __construct(private readonly Database $database, private readonly Dice $dice, int $shop)
    {
        $this->markets = Market::all();
        $this->catalogue = new Catalogue($dice);
        $this->journal = new OrderJournal($database, tellsReservations: true);
        $this->placement = new OrderPlacement($database, $this->catalogue, $this->journal, $dice, $shop);
        $this->desk = new OrderDesk($database, $this->journal);
        $this->documents = new Documents($database, $this->desk, $this->journal, $shop);
    }

    /** Sells that many orders, evenly over the seconds; where they do not suffice, as fast as can be. */
    public function sell(int $orders, float $seconds): void
    {
        $opened = microtime(true);
        for ($placed = 0; $placed < $orders; $placed++) {
            $early = $opened + $placed * $seconds / $orders - microtime(true);
            usleep((int) max(0, $early * 1_000_000));
            $this->place();
            $this->workOn();
        }
    }

    private function place(): void
    {
        $market = $this->markets[$this->dice->oneOf(self::MARKETS)];
        $basket = $this->catalogue->hotBasket();
        if ($this->dice->chance(self::FAILED_PERCENT)) {
            $this->placement->failToPlace($basket, $market);
        }
        $this->open[] = [
            'order' => $this->placement->placeBasket($basket, $market, 'checkmo'),
            'source' => $market->sources[0],
            'skus' => array_column($basket, 'sku'),
        ];
    }

    private function workOn(): void
    {
        if ($this->dice->chance(self::SHIPPED_PERCENT)) {
            $this->ship($this->takeOne());
        } elseif ($this->dice->chance(self::CANCELLED_PERCENT)) {
            $this->desk->cancel($this->takeOne()['order']);
        }
        if ($this->dice->chance(self::COUNTED_PERCENT)) {
            $this->findEmpty($this->dice->oneOf(self::SOURCES), $this->dice->oneOf(Catalogue::hot()));
        }
    }

    /** @param array{order: int, source: string, skus: list<string>} $placed */
    private function ship(array $placed): void
    {
        foreach ($placed['skus'] as $sku) {
            if ($this->database->inSource($placed['source'], $sku) < self::LEAST) {
                $this->move($placed['source'], $sku, self::FILLED_BY, 'manual');
            }
        }
        $this->documents->ship($placed['order'], [$placed['source']]);
        if ($this->dice->chance(self::REFUNDED_PERCENT)) {
            $this->documents->invoice($placed['order']);
            $this->documents->refund($placed['order'], $placed['source']);
        }
    }

    /** Somebody counts a shelf, and there is nothing on it. */
    private function findEmpty(string $source, string $sku): void
    {
        $this->database->transaction(function () use ($source, $sku): void {
            $there = $this->database->inSource($source, $sku, isLocked: true);
            if ($there !== 0) {
                $this->journal->moved($source, $sku, -$there, 'correction', self::cause());
            }
        });
        $this->move($source, $sku, self::FILLED_BY, 'manual');
    }

    private function move(string $source, string $sku, int $quantity, string $reason): void
    {
        $this->database->transaction(fn () => $this->journal->moved($source, $sku, $quantity, $reason, self::cause()));
    }

    /** @return array{order: int, source: string, skus: list<string>} */
    private function takeOne(): array
    {
        $index = $this->dice->between(0, count($this->open) - 1);
        [$taken] = array_splice($this->open, $index, 1);
        return $taken;
    }

    /** @return array{type: string, id: string} */
    private static function cause(): array
    {
        return ['type' => 'manual', 'id' => 'stock room'];
    }
}
