<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of OrderPlaced, OrderUpdated and OrderCancelled: everything an ERP may need of an order.
 *
 * Nothing is computed, rounded or translated: facts leave as the shop holds them. Keys always stand
 * in the same order, so equal orders give equal texts.
 */
class OrderPayload
{
    /** What a shop page puts into an item's buy request for its own use; the form key is a session's secret. */
    private const PAGE_ONLY_OPTIONS = ['form_key' => true, 'uenc' => true];

    public function __construct(private readonly PaymentFacts $payments)
    {
    }

    /** For use without Magento, where no di.xml names what may leave. */
    public static function standard(): self
    {
        return new self(new PaymentFacts(new PaymentAllowList()));
    }

    /**
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function facts(OrderSnapshot $snapshot): array
    {
        $items = array_map(self::withDecodedOptions(...), $snapshot->items);
        return [
            'store' => StoreFacts::of($snapshot->store),
            'order' => Row::of('order', $snapshot->order),
            'items' => $this->items($items),
            'addresses' => [
                'billing' => $this->address($snapshot->addresses, 'billing'),
                'shipping' => $this->address($snapshot->addresses, 'shipping'),
            ],
            'payment' => $this->payments->payment($snapshot->payment),
            'taxes' => Row::ofAll('tax', $snapshot->taxes),
            'tax_items' => Row::ofAll('tax_item', $snapshot->taxItems),
            'status_history' => Row::ofAll('status_history', $snapshot->statusHistory),
            'extra' => [
                'order' => (object) Row::unknown('order', $snapshot->order),
                'items' => (object) $this->extraByKey('item', 'item_id', $items),
                'addresses' => (object) $this->extraByKey('address', 'address_type', $snapshot->addresses),
            ],
        ];
    }

    /**
     * @param list<array<string, mixed>> $items
     * @return list<array<string, mixed>>
     */
    private function items(array $items): array
    {
        $roles = ItemRole::ofAll($items);
        $told = [];
        foreach ($items as $item) {
            $row = Row::of('item', $item);
            if ($item['product_options'] !== null) {
                $row['product_options'] = $item['product_options'];
            }
            $row += JsonColumn::fixedTaxes($item);
            $row['role'] = $roles[$item['item_id']];
            $told[] = $row;
        }
        return $told;
    }

    /**
     * @param array<string, mixed> $item
     * @return array<string, mixed>
     */
    private static function withDecodedOptions(array $item): array
    {
        $options = $item['product_options'] ?? null;
        // What is decoded here has no floats; what the model has decoded may.
        $decoded = is_string($options)
            ? ($options === '' ? null : AsciiJson::decode($options))
            : AsciiJson::withoutFloats($options);
        if (is_array($decoded['info_buyRequest'] ?? null)) {
            $decoded['info_buyRequest'] = array_diff_key($decoded['info_buyRequest'], self::PAGE_ONLY_OPTIONS);
        }
        if (is_array($decoded)) {
            $selection = JsonColumn::whereJson($decoded['bundle_selection_attributes'] ?? null);
            if (is_array($selection)) {
                $decoded['bundle_selection_attributes'] = $selection;
            }
        }
        $item['product_options'] = is_array($decoded) ? $decoded : null;
        return $item;
    }

    /**
     * @param list<array<string, mixed>> $addresses
     * @return array<string, mixed>|null null for the shipping address of a virtual order
     */
    private function address(array $addresses, string $type): ?array
    {
        foreach ($addresses as $address) {
            if (($address['address_type'] ?? null) === $type) {
                $row = Row::of('address', $address);
                $lines = preg_split('/[\r\n]+/', $row['street'] ?? '', -1, PREG_SPLIT_NO_EMPTY);
                return array_replace($row, ['street' => $lines]);
            }
        }
        return null;
    }

    /**
     * @param list<array<string, mixed>> $rows
     * @return array<array-key, array<string, mixed>> only rows that have unknown columns
     */
    private function extraByKey(string $table, string $key, array $rows): array
    {
        $unknown = array_map(static fn (array $row): array => Row::unknown($table, $row), $rows);
        return array_filter(array_combine(array_column($rows, $key), $unknown));
    }
}
