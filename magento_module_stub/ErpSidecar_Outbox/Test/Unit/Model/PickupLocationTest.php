<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\PickupLocation;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Select;
use Magento\Sales\Model\Order;
use PHPUnit\Framework\TestCase;

class PickupLocationTest extends TestCase
{
    private const COLLECTED = ['entity_id' => 42, 'shipping_method' => 'instore_pickup'];

    public function testAnOrderThatWasLoadedWithoutItsStoreHasItFromTheTable(): void
    {
        $order = new Order(self::COLLECTED, extensionAttributes: new \StandinExtension());

        self::assertSame('shop-1', $this->pickupLocation('shop-1', 1)->of($order, false));
        self::assertNull($this->pickupLocation(false, 1)->of($order, false));
    }

    /** @dataProvider ordersThatCostNoQuery */
    public function testNothingIsReadForAnyOtherOrder(Order $order, bool $isBeingPlaced, ?string $told): void
    {
        self::assertSame($told, $this->pickupLocation('never read', 0)->of($order, $isBeingPlaced));
    }

    public static function ordersThatCostNoQuery(): array
    {
        $pickup = new \StandinExtension(null, 'shop-1');
        $sent = ['shipping_method' => 'flatrate_flatrate'] + self::COLLECTED;
        return [
            'told in memory' => [new Order(self::COLLECTED, extensionAttributes: $pickup), false, 'shop-1'],
            'being placed' => [new Order(self::COLLECTED, extensionAttributes: new \StandinExtension()), true, null],
            'sent' => [new Order($sent, extensionAttributes: new \StandinExtension()), false, null],
            'a shop without in-store pickup' => [
                new Order(self::COLLECTED, extensionAttributes: new \stdClass()), false, null,
            ],
        ];
    }

    private function pickupLocation(string|false $kept, int $queries): PickupLocation
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('select')->willReturnCallback(
            static fn (): Select => new Select(static fn (string $value): string => "'$value'")
        );
        $adapter->expects(self::exactly($queries))->method('fetchOne')->with(self::callback(
            static fn (Select $select): bool => (string) $select
                === "SELECT `pickup_location_code` FROM `m_inventory_pickup_location_order` WHERE (order_id = '42')"
        ))->willReturn($kept);
        return new PickupLocation(new ResourceConnection(['default' => $adapter, 'sales' => $adapter], 'm_'));
    }
}
