<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * One process of the shop: tells several stories at once, a step here and a step there, and moves stock between.
 */
class Shop
{
    private const AT_ONCE = 8;
    private const STOCK_MOVE_PERCENT = 20;

    /** @var list<array{story: Story, order: int, next: int, since: float}> */
    private array $open = [];

    /** @var array<int, array<string, string|null>> orders as somebody's browser still shows them, by id */
    private array $pages = [];

    /** @var array<string, Market> */
    private readonly array $markets;

    private readonly OrderPlacement $placement;
    private readonly OrderDesk $desk;
    private readonly Documents $documents;
    private readonly StockRoom $stockRoom;

    /**
     * @param int $paceUs pause between two steps
     * @param float $patience seconds to wait for the ERP's number before a story is given up
     */
    public function __construct(
        private readonly Database $database,
        private readonly Dice $dice,
        int $shop,
        private readonly int $paceUs,
        private readonly float $patience,
    ) {
        $this->markets = Market::all();
        $journal = new OrderJournal($database);
        $this->placement = new OrderPlacement($database, new Catalogue($dice), $journal, $dice, $shop);
        $this->desk = new OrderDesk($database, $journal);
        $this->documents = new Documents($database, $this->desk, $journal, $shop);
        $this->stockRoom = new StockRoom($database, $journal, $dice);
    }

    /** @param list<Story> $stories told until the last one ends */
    public function tell(array $stories): void
    {
        while ($stories !== [] || $this->open !== []) {
            if ($this->open === [] || ($stories !== [] && count($this->open) < self::AT_ONCE && $this->dice->chance(60))) {
                $this->begin(array_shift($stories));
            } else {
                $this->goOn($this->dice->between(0, count($this->open) - 1));
            }
            if ($this->dice->chance(self::STOCK_MOVE_PERCENT)) {
                $this->stockRoom->move();
            }
            usleep($this->paceUs);
        }
        $this->stockRoom->moveEachWay();
    }

    /** One cart, ordered twice; whoever asks the customer is told that the first is meant. */
    public function tellOfTwins(): void
    {
        [$first, $second] = $this->placement->placeTwice('simple', $this->markets['de'], Story::WALLET);
        $until = microtime(true) + $this->patience;
        while (!$this->isAcknowledged($first) && microtime(true) < $until) {
            usleep(100_000);
        }
        $this->desk->cancel($second);
    }

    private function begin(Story $story): void
    {
        $market = $this->markets[$story->market];
        $order = $this->placement->place($story->kind, $market, $story->method, $story->coupon, $story->state);
        $next = 0;
        if (($story->steps[0] ?? '') === 'openPage') {  // before the ERP can have answered
            $this->step($story->steps[$next++], $order, $market->sources);
        }
        $this->open[] = ['story' => $story, 'order' => $order, 'next' => $next, 'since' => microtime(true)];
    }

    private function goOn(int $index): void
    {
        ['story' => $story, 'order' => $order, 'next' => $next, 'since' => $since] = $this->open[$index];
        if (!isset($story->steps[$next])) {
            array_splice($this->open, $index, 1);
            return;
        }
        if ($story->steps[$next] === 'awaitErp' && !$this->isAcknowledged($order)) {
            if (microtime(true) - $since > $this->patience) {
                array_splice($this->open, $index, 1);
            }
            return;
        }
        $this->step($story->steps[$next], $order, $this->markets[$story->market]->sources);
        $this->open[$index]['next']++;
        $this->open[$index]['since'] = microtime(true);
    }

    /** @param list<string> $sources */
    private function step(string $step, int $order, array $sources): void
    {
        match ($step) {
            'awaitErp' => null,
            'authorize' => $this->desk->authorize($order),
            'hold' => $this->desk->hold($order),
            'unhold' => $this->desk->unhold($order),
            'comment' => $this->desk->comment($order),
            'moveHouse' => $this->desk->moveHouse($order),
            'cancel' => $this->desk->cancel($order),
            'openPage' => $this->pages[$order] = $this->desk->openPage($order),
            'saveOldPage' => $this->desk->saveOldPage($order, $this->pages[$order]),
            'invoicePart' => $this->documents->invoice($order, partly: true),
            'invoice' => $this->documents->invoice($order),
            'shipPart' => $this->documents->ship($order, $sources, partly: true),
            'ship' => $this->documents->ship($order, $sources),
            'refundToShelf' => $this->documents->refund($order, $sources[0]),
            'refundGone' => $this->documents->refund($order, null),
            'refundPartWithAdjustment' => $this->documents->refund($order, $sources[0], true, '1.50'),
        };
    }

    private function isAcknowledged(int $order): bool
    {
        return ($this->database->row('sales_order', 'entity_id', $order)['ext_order_id'] ?? null) !== null;
    }
}
