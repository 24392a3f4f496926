<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\Clock;
use ErpSidecar\Outbox\Core\InventoryAdjustedPayload;
use ErpSidecar\Outbox\Core\OrderPayload;
use ErpSidecar\Outbox\Core\OrderSnapshot;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\PaymentAllowList;
use ErpSidecar\Outbox\Core\SystemRandomness;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use ErpSidecar\Outbox\Core\UuidV7;
use PHPUnit\Framework\TestCase;

class OutboxEventsTest extends TestCase
{
    private const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

    public function testAnOrdersRowNamesItsLaneAndItsPayloadsLength(): void
    {
        $row = self::order(fn (): OrderSnapshot => Orders::simple(), self::TRACE)->toArray();
        self::assertSame('order:42', $row['lane']);
        self::assertSame(['order', '42'], [$row['aggregate_type'], $row['aggregate_id']]);
        self::assertSame(1_714_550_400_000_007, $row['occurred_at_us']);
        self::assertSame('magento', $row['origin']);
        self::assertSame(self::TRACE, $row['trace_parent']);
        self::assertSame(strlen($row['payload']), $row['payload_bytes']);
        self::assertSame($row['event_id'], json_decode($row['payload'], true)['event_id']);
    }

    public function testATraceParentThatIsNoneIsDropped(): void
    {
        self::assertNull(self::order(fn (): OrderSnapshot => Orders::simple(), "00-x' OR 1")->toArray()['trace_parent']);
    }

    public function testAnOrderThatCannotBeToldIsAnEventThatSaysWhy(): void
    {
        $odd = Orders::simple(['order' => Orders::order(['grand_total' => 24.63])]);
        $row = self::order(fn (): OrderSnapshot => $odd)->toArray();
        self::assertSame('OrderPlaced', $row['type']);
        self::assertSame('order:42', $row['lane']);
        $payload = json_decode($row['payload'], true);
        self::assertSame(
            ['event_id', 'type', 'schema_version', 'occurred_at', 'origin', 'order_id', 'error'],
            array_keys($payload)
        );
        self::assertSame(42, $payload['order_id']);
        self::assertStringStartsWith('order.grand_total: A float was found', $payload['error']);
    }

    public function testAnotherExtensionsFailureIsNamedButNotQuoted(): void
    {
        $row = self::order(fn (): OrderSnapshot => throw new \DomainException('card 4111 of Jürgen'));
        self::assertSame('The order could not be read: DomainException.', json_decode($row->payload, true)['error']);
    }

    public function testAPayloadBeyondTheLimitIsAnEventThatSaysSo(): void
    {
        $long = Orders::simple(['order' => Orders::order(['customer_note' => str_repeat('x', 8_000_000)])]);
        $row = self::order(fn (): OrderSnapshot => $long);
        self::assertStringContainsString('at most 8000000 are written', json_decode($row->payload, true)['error']);
    }

    public function testAFailureOfTheDatabaseIsThrownOnHoweverItIsWrapped(): void
    {
        $driver = new \PDOException('SQLSTATE[HY000]: General error: 2006 MySQL server has gone away');
        $wrapped = new \RuntimeException('cannot load items', 0, new \LogicException('statement', 0, $driver));
        $this->expectExceptionObject($wrapped);
        self::order(fn (): OrderSnapshot => throw $wrapped);
    }

    public function testAStockChangeHasNoLane(): void
    {
        $row = self::events()->ofStock('TEE-S', 'west', '-2', 'shipment', ['type' => 'shipment', 'id' => '17'])->toArray();
        self::assertNull($row['lane']);
        self::assertNull($row['store_id']);
        self::assertSame(['InventoryAdjusted', 'sku', 'TEE-S'], [$row['type'], $row['aggregate_type'], $row['aggregate_id']]);
        self::assertSame(
            ['sku' => 'TEE-S', 'source_code' => 'west', 'quantity' => '-2.0000', 'reason' => 'shipment',
                'cause' => ['type' => 'shipment', 'id' => '17']],
            array_slice(json_decode($row['payload'], true), 5)
        );
    }

    /** @dataProvider refusedStockChanges */
    public function testAStockChangeThatIsNotAllowedIsRefused(string $quantity, string $reason, string $cause): void
    {
        $this->expectException(UnbuildablePayload::class);
        self::events()->ofStock('TEE-S', 'west', $quantity, $reason, ['type' => $cause, 'id' => '17']);
    }

    public static function refusedStockChanges(): array
    {
        return ['quantity' => ['two', 'refund', 'order'], 'reason' => ['2', 'theft', 'order'], 'cause' => ['2', 'refund', 'cat']];
    }

    private static function order(callable $snapshot, ?string $trace = null): OutboxRow
    {
        return self::events()->ofOrder('OrderPlaced', 42, 1, $snapshot, 'magento', $trace);
    }

    private static function events(): OutboxEvents
    {
        $clock = new class implements Clock {
            public function microseconds(): int
            {
                return 1_714_550_400_000_007;
            }
        };
        $payload = new OrderPayload(new PaymentAllowList());
        return new OutboxEvents($payload, new InventoryAdjustedPayload(), new UuidV7(new SystemRandomness()), $clock);
    }
}
