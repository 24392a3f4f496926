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
}
