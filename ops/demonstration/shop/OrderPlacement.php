<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * Places orders: the rows that Magento writes when a customer checks out, in its order.
 */
class OrderPlacement
{
    public const COUPON = 'TEN10';
    private const COUPON_PERCENT = '10';
    private const SHIPPING_PRICE = '5.83';

    private int $placed = 0;

    public function __construct(
        private readonly Database $database,
        private readonly Catalogue $catalogue,
        private readonly OrderJournal $journal,
        private readonly Dice $dice,
        private readonly int $shop,
    ) {
    }

    /** Places one order of the kind in the state that its payment method starts with, and returns its id. */
    public function place(string $kind, Market $market, string $method, bool $coupon, string $state): int
    {
        [$order] = $this->order($kind, $market, $method, $coupon, $state, times: 1);
        return $order;
    }

    /**
     * Places an order of a basket that somebody else has filled.
     *
     * @param list<array<string, mixed>> $basket
     */
    public function placeBasket(array $basket, Market $market, string $method): int
    {
        [$order] = $this->orderBasket($basket, $market, $method, false, 'new', times: 1);
        return $order;
    }

    /**
     * Reserves for an order whose payment then fails: what was reserved is given back, and there is no order.
     *
     * @param list<array<string, mixed>> $basket
     */
    public function failToPlace(array $basket, Market $market): void
    {
        $number = $this->nextIncrementId($market->storeId);
        $this->reserve($basket, $number);
        $this->reserve($basket, $number, 'order_place_failed');
    }

    /**
     * Orders one cart twice, as when its button is pressed again before the first answer came.
     *
     * @return array{0: int, 1: int} both ids
     */
    public function placeTwice(string $kind, Market $market, string $method): array
    {
        return $this->order($kind, $market, $method, false, 'new', times: 2);
    }

    /** @return list<int> the ids of as many orders of one cart */
    private function order(string $kind, Market $market, string $method, bool $coupon, string $state, int $times): array
    {
        return $this->orderBasket($this->catalogue->basket($kind), $market, $method, $coupon, $state, $times);
    }

    /**
     * @param list<array<string, mixed>> $basket
     * @return list<int>
     */
    private function orderBasket(
        array $basket,
        Market $market,
        string $method,
        bool $coupon,
        string $state,
        int $times
    ): array {
        $customer = $this->dice->oneOf($market->customers);
        $quote = $this->shop * 1_000_000 + $this->placed + 1;
        $orders = [];
        while (count($orders) < $times) {
            $number = $this->nextIncrementId($market->storeId);
            $this->reserve($basket, $number);
            $order = $this->database->transaction(
                fn (): int => $this->writeOrder($basket, $market, $customer, $number, $quote, $method, $coupon, $state)
            );
            $this->database->update('sales_order', 'entity_id', $order, ['send_email' => 1, 'email_sent' => 1]);
            $orders[] = $order;
        }
        return $orders;
    }

    /** As Magento numbers: per store; here the shop's process has a range of its own. */
    private function nextIncrementId(int $storeId): string
    {
        $serial = ++$this->placed;
        return ($storeId === 1 ? '' : (string) $storeId) . sprintf('%03d%06d', $this->shop, $serial);
    }

    /** @param list<array<string, mixed>> $basket committed on its own, before the order, as Magento does */
    private function reserve(array $basket, string $incrementId, string $event = 'order_placed'): void
    {
        $sign = $event === 'order_placed' ? -1 : 1;
        $this->journal->reserveApart(function () use ($basket, $incrementId, $event, $sign): void {
            foreach ($basket as $line) {
                foreach ($line['children'] ?: [$line] as $stocked) {
                    if ($stocked['product_type'] !== 'virtual') {
                        $this->journal->reserve($stocked['sku'], $sign * $stocked['quantity'], $event, '', $incrementId);
                    }
                }
            }
        });
    }

    /**
     * @param list<array<string, mixed>> $basket
     * @param array<string, string> $customer
     */
    private function writeOrder(
        array $basket,
        Market $market,
        array $customer,
        string $incrementId,
        int $quote,
        string $method,
        bool $coupon,
        string $state
    ): int {
        $discount = $coupon ? Amount::of(self::COUPON_PERCENT) : 0;
        $isVirtual = array_unique(array_column($basket, 'product_type')) === ['virtual'];
        $shippingPrice = $isVirtual ? 0 : Amount::of(self::SHIPPING_PRICE);
        $pricing = new Pricing($market, $market->rate, $discount);
        $basePricing = new Pricing($market, Amount::ONE, $discount);
        $lines = $pricing->lines($basket);
        $baseLines = $basePricing->lines($basket);
        $totals = self::inBoth($pricing->totals($lines, $shippingPrice), $basePricing->totals($baseLines, $shippingPrice));

        $header = $this->header($market, $customer, $incrementId, $quote, $isVirtual, $coupon);
        $quantity = Amount::text(array_sum(array_column($basket, 'quantity')));
        $orderId = $this->database->insert('sales_order', $header + $totals + [
            'state' => $state,
            'status' => $state === 'new' ? 'pending' : $state,
            'total_qty_ordered' => $quantity,
            'base_total_qty_ordered' => $quantity,
            'total_item_count' => count($basket),
            'total_due' => $totals['grand_total'],
            'base_total_due' => $totals['base_grand_total'],
            'weight' => Amount::text(self::weight($basket)),
        ]);
        $taxes = new OrderTaxes($this->database, $orderId, $market);
        foreach ($lines as $index => $line) {
            $this->writeLine($orderId, $market, $line, $baseLines[$index], null, $taxes);
        }
        $taxes->add(null, $pricing->shippingTaxes($shippingPrice), $basePricing->shippingTaxes($shippingPrice), 'shipping');
        $taxes->write();
        $this->writePayment($orderId, $method, $totals);
        $this->writeAddresses($orderId, $customer, $quote, $isVirtual);
        $this->journal->saved($orderId, null, 'guest');
        return $orderId;
    }

    /**
     * @param array<string, string> $customer
     * @return array<string, int|string|null>
     */
    private function header(
        Market $market,
        array $customer,
        string $incrementId,
        int $quote,
        bool $isVirtual,
        bool $coupon
    ): array {
        $rate = Amount::text($market->rate);
        return [
            'increment_id' => $incrementId,
            'store_id' => $market->storeId,
            'store_name' => $market->storeName,
            'quote_id' => $quote,
            'is_virtual' => (int) $isVirtual,
            'customer_is_guest' => 1,
            'customer_group_id' => 0,
            'customer_email' => 'guest@example.com',
            'customer_firstname' => $customer['firstname'],
            'customer_lastname' => $customer['lastname'],
            'remote_ip' => '192.0.2.1',
            'shipping_method' => $isVirtual ? null : 'flatrate_flatrate',
            'shipping_description' => $isVirtual ? null : 'Flat Rate - Fixed',
            'coupon_code' => $coupon ? self::COUPON : null,
            'coupon_rule_name' => $coupon ? 'Ten percent' : null,
            'discount_description' => $coupon ? self::COUPON : null,
            'applied_rule_ids' => $coupon ? '1' : null,
            'base_currency_code' => $market->baseCurrency,
            'global_currency_code' => 'USD',
            'order_currency_code' => $market->currency,
            'store_currency_code' => $market->currency,
            'base_to_global_rate' => $market->baseCurrency === 'USD' ? '1.0000' : '1.0837',
            'base_to_order_rate' => $rate,
            'store_to_base_rate' => '0.0000',
            'store_to_order_rate' => '0.0000',
        ];
    }

    /**
     * @param array<string, mixed> $line
     * @param array<string, mixed> $baseLine
     */
    private function writeLine(
        int $orderId,
        Market $market,
        array $line,
        array $baseLine,
        ?int $parentId,
        OrderTaxes $taxes
    ): void {
        $figures = self::inBoth($line['figures'], $baseLine['figures']);
        $percent = $line['tax_percent'];
        $itemId = $this->database->insert('sales_order_item', $figures + [
            'order_id' => $orderId,
            'parent_item_id' => $parentId,
            'store_id' => $market->storeId,
            'product_id' => $line['product_id'],
            'product_type' => $line['product_type'],
            'product_options' => json_encode($line['options'], JSON_THROW_ON_ERROR),
            'weight' => Amount::text($line['weight']),
            'row_weight' => Amount::text(Amount::product($line['weight'], $line['quantity'])),
            'is_virtual' => (int) ($line['product_type'] === 'virtual'),
            'sku' => $line['sku'],
            'name' => $line['name'],
            'is_qty_decimal' => (int) ($line['quantity'] % Amount::ONE !== 0),
            'qty_ordered' => Amount::text($line['quantity']),
            'original_price' => $figures['price'],
            'base_original_price' => $figures['base_price'],
            'tax_percent' => $percent === null ? null : Amount::text($percent),
        ]);
        $taxes->add($itemId, $line['rules'], $baseLine['rules'], 'product');
        foreach ($line['children'] as $index => $child) {
            $this->writeLine($orderId, $market, $child, $baseLine['children'][$index], $itemId, $taxes);
        }
    }

    /** @param array<string, string> $totals */
    private function writePayment(int $orderId, string $method, array $totals): void
    {
        $this->database->insert('sales_order_payment', [
            'parent_id' => $orderId,
            'method' => $method,
            'po_number' => $method === 'purchaseorder' ? 'PO-' . $orderId : null,
            'amount_ordered' => $totals['grand_total'],
            'base_amount_ordered' => $totals['base_grand_total'],
            'shipping_amount' => $totals['shipping_amount'],
            'base_shipping_amount' => $totals['base_shipping_amount'],
            'additional_information' => json_encode(
                ['method_title' => $method, 'gateway_token' => 'stays in the shop'],
                JSON_THROW_ON_ERROR
            ),
        ]);
    }

    /** @param array<string, string> $customer */
    private function writeAddresses(int $orderId, array $customer, int $quote, bool $isVirtual): void
    {
        $ids = [];
        foreach ($isVirtual ? ['billing'] : ['shipping', 'billing'] as $type) {
            $ids["{$type}_address_id"] = $this->database->insert('sales_order_address', $customer + [
                'parent_id' => $orderId,
                'quote_address_id' => $quote * 2 + (int) ($type === 'billing'),
                'address_type' => $type,
                'email' => 'guest@example.com',
                'telephone' => '555-0100',
            ]);
        }
        $this->database->update('sales_order', 'entity_id', $orderId, $ids);
    }

    /** @param list<array<string, mixed>> $basket */
    private static function weight(array $basket): int
    {
        return array_sum(array_map(
            static fn (array $line): int => Amount::product($line['weight'], $line['quantity']),
            $basket
        ));
    }

    /**
     * @param array<string, int> $figures
     * @param array<string, int> $baseFigures
     * @return array<string, string> Magento's columns for both currencies
     */
    private static function inBoth(array $figures, array $baseFigures): array
    {
        $columns = [];
        foreach ($figures as $name => $value) {
            $columns[$name] = Amount::text($value);
            $columns[Columns::base($name)] = Amount::text($baseFigures[$name]);
        }
        return $columns;
    }
}
