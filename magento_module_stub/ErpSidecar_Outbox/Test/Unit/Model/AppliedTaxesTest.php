<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\AppliedTaxes;
use Magento\Framework\DataObject;
use Magento\Sales\Model\Order;
use PHPUnit\Framework\TestCase;

class AppliedTaxesTest extends TestCase
{
    public function testAnOrderBeingPlacedTellsTheTaxRowsThatMagentoWillWrite(): void
    {
        $taxes = (new AppliedTaxes())->taxes(self::order());
        self::assertSame(['Rate A', 'Rate B'], array_column($taxes, 'code'));
        self::assertSame([42, 42], array_column($taxes, 'order_id'));
        self::assertEqualsWithDelta([8.0, 2.0], array_column($taxes, 'base_real_amount'), 0.0001);
    }

    public function testItemTaxesPointToOrderItemsAndShippingToNone(): void
    {
        $ofNoQuote = array_map(static fn (int $id): array => ['item_id' => $id], range(1, 10));
        $items = [...$ofNoQuote, ['item_id' => 11, 'quote_item_id' => 5]];
        $rows = (new AppliedTaxes())->taxItems(self::order(), $items);
        self::assertSame([11, 11, null], array_column($rows, 'item_id'));
        self::assertSame(['product', 'product', 'shipping'], array_column($rows, 'taxable_item_type'));
        self::assertSame([8.0, 2.0, 19.0], array_column($rows, 'tax_percent'));
        self::assertEqualsWithDelta([8.0, 2.0, 1.9], array_column($rows, 'real_amount'), 0.0001);
    }

    public function testAnOrderThatComesFromNoQuoteHasNone(): void
    {
        self::assertSame([], (new AppliedTaxes())->taxes(new Order(['entity_id' => 42])));
        self::assertSame([], (new AppliedTaxes())->taxItems(self::order(converting: false), []));
    }

    public function testARateOfZeroPercentGetsNoRow(): void
    {
        $tax = self::tax(0.0, 0.0, [['code' => 'Exempt', 'title' => 'Exempt', 'percent' => 0.0]]);
        self::assertSame([], (new AppliedTaxes())->taxes(self::order(taxes: [$tax])));
    }

    private static function order(bool $converting = true, ?array $taxes = null): Order
    {
        $two = self::tax(10.0, 10.0, [
            ['code' => 'Rate A', 'title' => 'A', 'percent' => 8.0],
            ['code' => 'Rate B', 'title' => 'B', 'percent' => 2.0],
        ]);
        $one = self::tax(19.0, 1.9, [['code' => 'Rate C', 'title' => 'C', 'percent' => 19.0]]);
        return new Order(['entity_id' => 42], extensionAttributes: new DataObject([
            'converting_from_quote' => $converting,
            'applied_taxes' => $taxes ?? [$two],
            'item_applied_taxes' => [
                ['type' => 'product', 'item_id' => 5, 'associated_item_id' => null, 'applied_taxes' => [$two]],
                ['type' => 'shipping', 'item_id' => null, 'associated_item_id' => null, 'applied_taxes' => [$one]],
            ],
        ]));
    }

    private static function tax(float $percent, float $amount, array $rates): array
    {
        return ['id' => 'x', 'percent' => $percent, 'amount' => $amount, 'base_amount' => $amount,
            'extension_attributes' => new DataObject(['rates' => $rates])];
    }
}
