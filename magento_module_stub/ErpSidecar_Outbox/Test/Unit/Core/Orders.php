<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\OrderSnapshot;

/**
 * Orders as a database holds them, for the tests of the core.
 */
class Orders
{
    /**
     * A guest's order of one simple product.
     *
     * @param array<string, mixed> $changed snapshot arguments to replace
     */
    public static function simple(array $changed = []): OrderSnapshot
    {
        return new OrderSnapshot(...$changed + [
            'order' => self::order(),
            'items' => [self::item()],
            'addresses' => [self::address('billing'), self::address('shipping')],
            'payment' => ['entity_id' => '7', 'parent_id' => '42', 'method' => 'checkmo', 'amount_ordered' => '24.6300',
                'cc_number_enc' => 'secret', 'additional_information' => '{"method_title":"Check","token":"secret"}'],
            'taxes' => [['tax_id' => '3', 'order_id' => '42', 'code' => 'DE', 'percent' => '19.0000', 'priority' => '0',
                'position' => '0', 'process' => '0', 'amount' => '3.1300']],
            'taxItems' => [['tax_item_id' => '9', 'tax_id' => '3', 'item_id' => '11', 'tax_percent' => '19.0000',
                'amount' => '3.1300', 'taxable_item_type' => 'product']],
            'statusHistory' => [['entity_id' => '5', 'parent_id' => '42', 'comment' => 'Grüße', 'status' => 'pending',
                'is_visible_on_front' => '0', 'created_at' => '2024-05-01 08:30:00']],
            'store' => ['store_id' => '1', 'store_code' => 'de', 'website_code' => 'eu', 'group_code' => 'eu_group'],
        ]);
    }

    /**
     * @param array<string, mixed> $changed
     * @return array<string, mixed>
     */
    public static function order(array $changed = []): array
    {
        return $changed + ['entity_id' => '42', 'increment_id' => '000000042', 'store_id' => '1', 'state' => 'new',
            'status' => 'pending', 'is_virtual' => '0', 'subtotal' => '16.5000', 'grand_total' => '24.6300',
            'discount_amount' => '-1.0000', 'customer_firstname' => 'Jürgen', 'customer_email' => 'buyer@example.com',
            'order_currency_code' => 'EUR', 'protect_code' => 'secret', 'created_at' => '2024-05-01 08:30:00'];
    }

    /**
     * @param array<string, mixed> $changed
     * @return array<string, mixed>
     */
    public static function item(array $changed = []): array
    {
        return $changed + ['item_id' => '11', 'order_id' => '42', 'parent_item_id' => null, 'product_type' => 'simple',
            'sku' => 'BOOK-7', 'name' => 'A "book"', 'qty_ordered' => '2.5000', 'price' => '6.6000',
            'row_total' => '16.5000',
            'product_options' => '{"info_buyRequest":{"qty":2.5,"form_key":"secret","uenc":"aGk,"},"options":[]}'];
    }

    /** @return array<string, mixed> */
    public static function address(string $type): array
    {
        return ['entity_id' => '21', 'parent_id' => '42', 'address_type' => $type, 'street' => "東京1丁目\nApt 2",
            'city' => 'Köln', 'country_id' => 'DE'];
    }
}
