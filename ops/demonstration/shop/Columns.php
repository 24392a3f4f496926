<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * How Magento names the columns of the base currency.
 */
class Columns
{
    /** The two currencies of every figure. */
    public const CURRENCIES = ['', 'base_'];

    /** Long names were cut to what an older database could hold. */
    private const CUT = [
        'base_shipping_discount_tax_compensation_amount' => 'base_shipping_discount_tax_compensation_amnt',
    ];

    public static function base(string $column): string
    {
        return self::in('base_', $column);
    }

    /** @param string $currency one of CURRENCIES */
    public static function in(string $currency, string $column): string
    {
        return self::CUT[$currency . $column] ?? $currency . $column;
    }
}
