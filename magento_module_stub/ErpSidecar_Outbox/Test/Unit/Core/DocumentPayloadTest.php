<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\CreditmemoPayload;
use ErpSidecar\Outbox\Core\DocumentSnapshot;
use ErpSidecar\Outbox\Core\InvoicePayload;
use ErpSidecar\Outbox\Core\ShipmentPayload;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class DocumentPayloadTest extends TestCase
{
    public function testAnInvoiceHasItsKeysInTheirOrder(): void
    {
        self::assertSame(
            ['store', 'order', 'invoice', 'items', 'order_items', 'comments', 'payment', 'extra'],
            array_keys(InvoicePayload::standard()->facts(self::snapshot()))
        );
    }

    public function testAmountsOfBothCurrenciesAreTexts(): void
    {
        $invoice = InvoicePayload::standard()->facts(self::snapshot())['invoice'];
        self::assertSame(['10.0000', '9.2300'], [$invoice['grand_total'], $invoice['base_grand_total']]);
        self::assertSame([7, 2], [$invoice['entity_id'], $invoice['state']]);
        self::assertArrayNotHasKey('transaction_id', $invoice);
    }

    public function testAFloatIsRefusedByTableAndColumn(): void
    {
        $this->expectException(UnbuildablePayload::class);
        $this->expectExceptionMessage('invoice_item.row_total: A float was found');
        InvoicePayload::standard()->facts(self::snapshot(['items' => [['entity_id' => '1', 'row_total' => 0.1]]]));
    }

    public function testFixedProductTaxesAreDecodedWithoutFloats(): void
    {
        $items = [['entity_id' => '1', 'weee_tax_applied' => '[{"title":"Eco","amount":0.54}]']];
        $told = InvoicePayload::standard()->facts(self::snapshot(['items' => $items]))['items'][0];
        self::assertSame([['title' => 'Eco', 'amount' => '0.54']], $told['weee_tax_applied']);
    }

    public function testOnlyTheOrderItemsThatTheDocumentTouchesAreTold(): void
    {
        $orderItems = [
            ['item_id' => '1', 'product_options' => ['product_calculations' => 1, 'shipment_type' => 0]],
            ['item_id' => '2', 'parent_item_id' => '1'],
            ['item_id' => '3'],
        ];
        $snapshot = self::snapshot(['orderItems' => $orderItems]);
        $told = (new ShipmentPayload())->facts($snapshot, [], null, null);
        self::assertSame([[1, 'money', 0], [2, 'stock', null]], array_map(
            static fn (array $item): array => [$item['item_id'], $item['role'], $item['shipment_type']],
            $told['order_items']
        ));
        self::assertSame('money', $told['items'][0]['role']);
    }

    public function testAChildOnTheDocumentBringsItsParentAlong(): void
    {
        $orderItems = [
            ['item_id' => '4', 'product_options' => '{"product_calculations":0}'],
            ['item_id' => '1', 'parent_item_id' => '4'],
            ['item_id' => '5', 'parent_item_id' => '4'],
        ];
        $told = InvoicePayload::standard()->facts(self::snapshot(['orderItems' => $orderItems]));
        self::assertSame([4, 1], array_column($told['order_items'], 'item_id'));
        self::assertSame('both', $told['items'][0]['role']);
    }

    public function testTheLabelAndTheMailFlagsOfAShipmentStayInTheShop(): void
    {
        $document = ['entity_id' => '8', 'shipping_label' => "\xff", 'email_sent' => '1'];
        $told = (new ShipmentPayload())->facts(self::snapshot(['document' => $document]), [], 'west', 'shop-1');
        self::assertEquals(new \stdClass(), $told['extra']['shipment']);
        self::assertSame(['west', 'shop-1'], [$told['source_code'], $told['pickup_location_code']]);
        self::assertArrayNotHasKey('shipping_label', $told['shipment']);
    }

    public function testWhatIsNotKnownToGoBackToStockIsNull(): void
    {
        $payload = CreditmemoPayload::standard();
        $told = static fn (?array $back): mixed
            => $payload->facts(self::snapshot(), $back)['items'][0]['back_to_stock'];
        self::assertSame([true, false, null, null], [$told([1 => true]), $told([1 => false]), $told([]), $told(null)]);
    }

    public function testColumnsOfOtherEditionsTravelAsExtra(): void
    {
        $document = self::snapshot()->document + ['customer_balance_amount' => '5.0000'];
        $told = CreditmemoPayload::standard()->facts(self::snapshot(['document' => $document]), null);
        self::assertEquals((object) ['customer_balance_amount' => '5.0000'], $told['extra']['creditmemo']);
    }

    /** @param array<string, mixed> $changed snapshot arguments to replace */
    private static function snapshot(array $changed = []): DocumentSnapshot
    {
        return new DocumentSnapshot(...$changed + [
            'document' => ['entity_id' => '7', 'order_id' => '42', 'increment_id' => '000000007', 'state' => '2',
                'grand_total' => '10.0000', 'base_grand_total' => '9.2300'],
            'items' => [['entity_id' => '1', 'parent_id' => '7', 'order_item_id' => '1', 'qty' => '1.0000']],
            'comments' => [],
            'order' => ['entity_id' => '42', 'increment_id' => '000000042'],
            'orderItems' => [['item_id' => '1', 'product_options' => '']],
            'payment' => null,
            'store' => null,
        ]);
    }
}
