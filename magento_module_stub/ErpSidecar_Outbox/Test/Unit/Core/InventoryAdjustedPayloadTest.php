<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\InventoryAdjustedPayload;
use ErpSidecar\Outbox\Core\StockLevel;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class InventoryAdjustedPayloadTest extends TestCase
{
    private const CAUSE = ['type' => 'shipment', 'id' => '17'];

    public function testAChangeTellsTheDeltaAndBothEndsOfIt(): void
    {
        $facts = (new InventoryAdjustedPayload())
            ->change('A', 'west', new StockLevel('10.0000', 1), new StockLevel('7.5000', 0), 'shipment', self::CAUSE);

        self::assertSame([
            'sku' => 'A',
            'source_code' => 'west',
            'quantity' => '-2.5000',
            'reason' => 'shipment',
            'cause' => self::CAUSE,
            'old_quantity' => '10.0000',
            'new_quantity' => '7.5000',
            'old_status' => 1,
            'new_status' => 0,
        ], $facts);
    }

    public function testASourceItemThatComesOrGoesHasNothingAtOneEnd(): void
    {
        $payload = new InventoryAdjustedPayload();
        $level = new StockLevel('3.0000', 1);

        $added = $payload->change('A', 'west', null, $level, 'import', self::CAUSE);
        $removed = $payload->change('A', 'west', $level, null, 'deletion', self::CAUSE);

        self::assertSame(
            ['3.0000', null, '3.0000'],
            [$added['quantity'], $added['old_quantity'], $added['new_quantity']]
        );
        self::assertSame(
            ['-3.0000', '3.0000', null],
            [$removed['quantity'], $removed['old_quantity'], $removed['new_quantity']]
        );
    }

    public function testAReasonOrCauseThatNobodyKnowsIsRefused(): void
    {
        $payload = new InventoryAdjustedPayload();
        foreach ([['gift', self::CAUSE], ['shipment', ['type' => 'gift', 'id' => '1']]] as [$reason, $cause]) {
            try {
                $payload->facts('A', 'west', '1', $reason, $cause);
                self::fail('Nothing was refused.');
            } catch (UnbuildablePayload $error) {
                self::assertStringContainsString('is none of: ', $error->getMessage());
            }
        }
    }
}
