<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\OrderChange;
use PHPUnit\Framework\TestCase;

class OrderChangeTest extends TestCase
{
    /** @dataProvider saves */
    public function testTheStateBeforeAndAfterTellsTheEvent(?string $before, ?string $after, string $type): void
    {
        self::assertSame($type, OrderChange::type($before, $after));
    }

    public static function saves(): array
    {
        return [
            'never loaded' => [null, 'new', 'OrderPlaced'],
            'placed and paid at once' => [null, 'processing', 'OrderPlaced'],
            'placed and cancelled at once is still placed' => [null, 'canceled', 'OrderPlaced'],
            'invoiced' => ['new', 'processing', 'OrderUpdated'],
            'nothing changed' => ['processing', 'processing', 'OrderUpdated'],
            'cancelled' => ['new', 'canceled', 'OrderCancelled'],
            'saved again after it was cancelled' => ['canceled', 'canceled', 'OrderUpdated'],
            'closed by a refund' => ['complete', 'closed', 'OrderUpdated'],
        ];
    }
}
