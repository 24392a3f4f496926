<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\InventoryReservedPayload;
use PHPUnit\Framework\TestCase;

class InventoryReservedPayloadTest extends TestCase
{
    public function testAPlacedOrderHasItsIncrementIdOnly(): void
    {
        $metadata = '{"event_type":"order_placed","object_type":"order","object_id":"",'
            . '"object_increment_id":"000000042"}';

        $facts = (new InventoryReservedPayload())->facts(2, 'A', '-1.5', $metadata);

        self::assertSame([
            'stock_id' => 2,
            'sku' => 'A',
            'quantity' => '-1.5000',
            'sales_event' => [
                'event_type' => 'order_placed',
                'object_type' => 'order',
                'object_id' => null,
                'object_increment_id' => '000000042',
            ],
        ], $facts);
    }

    /** @dataProvider otherMetadata */
    public function testMetadataOfAnotherKindIsNoError(?string $metadata): void
    {
        self::assertNull((new InventoryReservedPayload())->facts(1, 'A', '1', $metadata)['sales_event']);
    }

    public static function otherMetadata(): array
    {
        return [[null], [''], ['[]'], ['"order_placed"'], ['{"event_type":["x"]}'], ['{"event_type"'], ['{"a":1}']];
    }
}
