<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\Outbox\Core\Clock;
use ErpSidecar\Outbox\Core\InventoryAdjustedPayload;
use ErpSidecar\Outbox\Core\OrderPayload;
use ErpSidecar\Outbox\Core\OrderSnapshot;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\Subject;
use ErpSidecar\Outbox\Core\SystemRandomness;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use ErpSidecar\Outbox\Core\UsualPayloadLimit;
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
        self::assertSame('web', $row['origin']);
        self::assertSame(self::TRACE, $row['trace_parent']);
        self::assertSame(strlen($row['payload']), $row['payload_bytes']);
        self::assertSame($row['event_id'], json_decode($row['payload'], true)['event_id']);
    }

    public function testTheEnvelopeTellsWhatHappenedWhenAndWhoseDoingItWas(): void
    {
        $payload = json_decode(self::order(fn (): OrderSnapshot => Orders::simple())->payload, true);
        self::assertSame(
            ['OrderPlaced', 1, '2024-05-01T08:00:00.000007Z', 'web', ['type' => 'guest', 'id' => null]],
            array_values(array_slice($payload, 1, 5))
        );
        self::assertSame('eu', $payload['store']['website_code']);
    }

    public function testATraceParentThatIsNoneIsDropped(): void
    {
        $row = self::order(fn (): OrderSnapshot => Orders::simple(), "00-x' OR 1");
        self::assertNull($row->toArray()['trace_parent']);
    }

    public function testAnOrderThatCannotBeToldIsAnEventThatSaysWhy(): void
    {
        $odd = Orders::simple(['order' => Orders::order(['grand_total' => 24.63])]);
        $row = self::order(fn (): OrderSnapshot => $odd)->toArray();
        self::assertSame('OrderPlaced', $row['type']);
        self::assertSame('order:42', $row['lane']);
        $payload = json_decode($row['payload'], true);
        self::assertSame(
            [
                'event_id', 'type', 'schema_version', 'occurred_at', 'origin', 'actor', 'subject', 'known',
                'payload_error',
            ],
            array_keys($payload)
        );
        self::assertSame(['type' => 'order', 'id' => '42'], $payload['subject']);
        self::assertSame(['increment_id' => '000000042'], $payload['known']);
        self::assertStringStartsWith('order.grand_total: A float was found', $payload['payload_error']);
    }

    public function testAnotherExtensionsFailureIsNamedButNotQuoted(): void
    {
        $row = self::order(fn (): OrderSnapshot => throw new \DomainException('card 4111 of Jürgen'));
        self::assertSame(
            'The data could not be read: DomainException.',
            json_decode($row->payload, true)['payload_error']
        );
    }

    public function testAPayloadBeyondTheLimitIsAnEventThatSaysSo(): void
    {
        $long = Orders::simple(['order' => Orders::order(['customer_note' => str_repeat('x', 8_000_000)])]);
        $row = self::order(fn (): OrderSnapshot => $long);
        self::assertStringContainsString(
            'at most 8000000 are written',
            json_decode($row->payload, true)['payload_error']
        );
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
        $facts = fn (): array => self::stockChange('-2', 'shipment', 'shipment');
        $row = self::events()->event('InventoryAdjusted', Subject::sku('TEE-S'), new Cause(), $facts)->toArray();
        self::assertNull($row['lane']);
        self::assertNull($row['store_id']);
        self::assertSame(
            ['InventoryAdjusted', 'sku', 'TEE-S'],
            [$row['type'], $row['aggregate_type'], $row['aggregate_id']]
        );
        self::assertSame(
            ['sku' => 'TEE-S', 'source_code' => 'west', 'quantity' => '-2.0000', 'reason' => 'shipment',
                'cause' => ['type' => 'shipment', 'id' => '17']],
            array_slice(json_decode($row['payload'], true), 6)
        );
    }

    /** @dataProvider refusedStockChanges */
    public function testAStockChangeThatIsNotAllowedIsRefused(string $quantity, string $reason, string $cause): void
    {
        $this->expectException(UnbuildablePayload::class);
        self::stockChange($quantity, $reason, $cause);
    }

    public static function refusedStockChanges(): array
    {
        return [
            'quantity' => ['two', 'refund', 'order'],
            'reason' => ['2', 'theft', 'order'],
            'cause' => ['2', 'refund', 'cat'],
        ];
    }

    public function testAnActorOfAnUnknownKindIsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        $this->expectExceptionMessage('none of: admin, user, integration, cron, guest, unknown.');
        new Cause('web', ['type' => 'robot', 'id' => 1]);
    }

    /** @return array<string, mixed> */
    private static function stockChange(string $quantity, string $reason, string $cause): array
    {
        $document = ['type' => $cause, 'id' => '17'];
        return (new InventoryAdjustedPayload())->facts('TEE-S', 'west', $quantity, $reason, $document);
    }

    /** @param callable(): OrderSnapshot $snapshot */
    private static function order(callable $snapshot, ?string $trace = null): OutboxRow
    {
        return self::events()->event(
            'OrderPlaced',
            Subject::order(42, 1),
            new Cause('web', ['type' => 'guest', 'id' => null], $trace),
            static fn (): array => OrderPayload::standard()->facts($snapshot()),
            ['increment_id' => '000000042']
        );
    }

    private static function events(): OutboxEvents
    {
        $clock = new class implements Clock {
            public function microseconds(): int
            {
                return 1_714_550_400_000_007;
            }
        };
        return new OutboxEvents(new UuidV7(new SystemRandomness()), $clock, new UsualPayloadLimit());
    }
}
