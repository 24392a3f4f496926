<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * What a column holds that Magento fills with JSON, whether its model has decoded it yet or not.
 */
class JsonColumn
{
    /**
     * The decoded value, numbers with a fraction as texts; null where there is nothing, or nothing but a scalar.
     *
     * @return array<array-key, mixed>|null
     * @throws UnbuildablePayload when a text is no JSON
     */
    public static function of(mixed $value): ?array
    {
        $decoded = is_string($value) && $value !== '' ? AsciiJson::decode($value) : $value;
        if (!is_array($decoded)) {
            return null;
        }
        return AsciiJson::withoutFloats($decoded);
    }

    /**
     * The same for a column that an old shop may still hold in another format; what is no JSON there is null.
     *
     * @return array<array-key, mixed>|null
     * @throws UnbuildablePayload when a text begins like JSON and is none
     */
    public static function whereJson(mixed $value): ?array
    {
        if (is_string($value) && !str_starts_with($value, '[') && !str_starts_with($value, '{')) {
            return null;
        }
        return self::of($value);
    }

    /**
     * The fixed product taxes of an order's or a document's item: nothing is told where there are none.
     *
     * @param array<string, mixed> $item
     * @return array{weee_tax_applied?: array<array-key, mixed>}
     */
    public static function fixedTaxes(array $item): array
    {
        $taxes = self::whereJson($item['weee_tax_applied'] ?? null);
        return $taxes === null ? [] : ['weee_tax_applied' => $taxes];
    }
}
