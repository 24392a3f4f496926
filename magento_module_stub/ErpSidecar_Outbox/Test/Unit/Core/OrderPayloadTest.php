<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\AsciiJson;
use ErpSidecar\Outbox\Core\OrderPayload;
use ErpSidecar\Outbox\Core\OrderSnapshot;
use ErpSidecar\Outbox\Core\PaymentAllowList;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class OrderPayloadTest extends TestCase
{
    public function testThePayloadHasItsKeysInTheirOrder(): void
    {
        self::assertSame(
            ['store', 'order', 'items', 'addresses', 'payment', 'taxes', 'tax_items', 'status_history', 'extra'],
            array_keys(self::build(Orders::simple()))
        );
    }

    public function testIdsAreIntegersAmountsAreTextsAndWhatIsMissingIsLeftOut(): void
    {
        $order = self::build(Orders::simple())['order'];
        self::assertSame(42, $order['entity_id']);
        self::assertSame('24.6300', $order['grand_total']);
        self::assertSame('-1.0000', $order['discount_amount']);
        self::assertSame('2024-05-01 08:30:00', $order['created_at']);
        self::assertArrayNotHasKey('total_paid', $order);
        self::assertArrayNotHasKey('ext_order_id', $order);
    }

    /** @dataProvider progress */
    public function testProgressIsToldOnceThereIsSome(mixed $held, ?string $told): void
    {
        $item = self::build(Orders::simple(['items' => [Orders::item(['qty_shipped' => $held])]]))['items'][0];
        self::assertSame($told, $item['qty_shipped'] ?? null);
        self::assertSame('0.0000', self::build(Orders::simple(['items' => [
            Orders::item(['tax_amount' => '0.0000']),
        ]]))['items'][0]['tax_amount']);
    }

    public static function progress(): array
    {
        return [
            'none' => ['0.0000', null],
            'none, in few digits' => ['0', null],
            'none, as a number' => [0, null],
            'null' => [null, null],
            'some' => ['0.0001', '0.0001'],
            'less than none' => ['-1.0000', '-1.0000'],
        ];
    }

    public function testAFloatIsRefusedByTableAndColumn(): void
    {
        $this->expectException(UnbuildablePayload::class);
        $this->expectExceptionMessage('order.grand_total: A float was found');
        self::build(Orders::simple(['order' => Orders::order(['grand_total' => 24.63])]));
    }

    public function testAnItemCarriesItsRoleAndDecodedOptionsWithoutTheSessionsSecrets(): void
    {
        $item = self::build(Orders::simple())['items'][0];
        self::assertSame('both', $item['role']);
        self::assertSame('2.5000', $item['qty_ordered']);
        self::assertSame(['info_buyRequest' => ['qty' => '2.5'], 'options' => []], $item['product_options']);
    }

    public function testOptionsThatAreStillAnArrayGiveTheSamePayload(): void
    {
        $options = ['info_buyRequest' => ['qty' => 2.5, 'form_key' => 'secret'], 'options' => []];
        $item = self::build(Orders::simple(['items' => [Orders::item(['product_options' => $options])]]))['items'][0];
        self::assertSame(['info_buyRequest' => ['qty' => '2.5'], 'options' => []], $item['product_options']);
    }

    public function testWhatAChildOfABundleWasChosenForIsDecodedInItsPlace(): void
    {
        $options = '{"a":1,"bundle_selection_attributes":'
            . '"{\\"price\\":9.5,\\"qty\\":3,\\"option_id\\":\\"1\\"}","b":2}';
        $item = self::build(Orders::simple(['items' => [Orders::item(['product_options' => $options])]]))['items'][0];
        self::assertSame(
            ['a' => 1, 'bundle_selection_attributes' => ['price' => '9.5', 'qty' => 3, 'option_id' => '1'], 'b' => 2],
            $item['product_options']
        );
    }

    /** @dataProvider fixedProductTaxes */
    public function testFixedProductTaxesAreDecodedWhereTheyAreJson(?string $held, ?array $told): void
    {
        $order = Orders::simple(['items' => [Orders::item(['weee_tax_applied' => $held])]]);
        self::assertSame($told, self::build($order)['items'][0]['weee_tax_applied'] ?? null);
    }

    public static function fixedProductTaxes(): array
    {
        return [
            'none' => ['[]', []],
            'one' => ['[{"title":"Eco","amount":0.54}]', [['title' => 'Eco', 'amount' => '0.54']]],
            'of an old shop' => ['a:0:{}', null],
            'nothing' => [null, null],
        ];
    }

    public function testTheStreetIsAListOfLines(): void
    {
        $addresses = self::build(Orders::simple())['addresses'];
        self::assertSame(['東京1丁目', 'Apt 2'], $addresses['billing']['street']);
        self::assertSame('shipping', $addresses['shipping']['address_type']);
    }

    public function testAVirtualOrderHasNoShippingAddress(): void
    {
        $payload = self::build(Orders::simple(['addresses' => [Orders::address('billing')]]));
        self::assertNull($payload['addresses']['shipping']);
    }

    public function testNoSecretOfOrderOrPaymentLeavesTheShop(): void
    {
        $payload = self::build(Orders::simple());
        self::assertEquals((object) ['method_title' => 'Check'], $payload['payment']['additional_information']);
        self::assertStringNotContainsString('secret', AsciiJson::encode($payload));
    }

    public function testColumnsOfOtherEditionsTravelAsExtraAndKeepTheirTexts(): void
    {
        $payload = self::build(Orders::simple([
            'order' => Orders::order(['gift_cards_amount' => '5.0000', 'quote' => new \stdClass()]),
            'items' => [Orders::item(['gw_price' => '1.2500'])],
        ]));
        self::assertEquals((object) ['gift_cards_amount' => '5.0000'], $payload['extra']['order']);
        self::assertEquals((object) [11 => ['gw_price' => '1.2500']], $payload['extra']['items']);
        self::assertSame('{}', json_encode($payload['extra']['addresses']));
    }

    public function testAnOrderWithoutPaymentAndStoreIsToldAsWell(): void
    {
        $payload = self::build(Orders::simple(['payment' => null, 'store' => null]));
        self::assertNull($payload['payment']);
        self::assertNull($payload['store']);
    }

    public function testOptionsThatAreNoJsonAreRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        self::build(Orders::simple(['items' => [Orders::item(['product_options' => 'a:0:{}'])]]));
    }

    /** @return array<string, mixed> */
    private static function build(OrderSnapshot $snapshot): array
    {
        return OrderPayload::standard()->facts($snapshot);
    }
}
