<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * Money, quantities and percentages as whole ten-thousandths, so that every cent is exact.
 */
class Amount
{
    public const ONE = 10_000;
    private const CENT = 100;
    private const HUNDRED_PERCENT = 100 * self::ONE;

    /** Reads what a decimal column prints; null counts as nothing. */
    public static function of(?string $text): int
    {
        if ($text === null) {
            return 0;
        }
        [$whole, $fraction] = explode('.', $text . '.');
        $units = abs((int) $whole) * self::ONE + (int) str_pad(substr($fraction, 0, 4), 4, '0');
        return str_starts_with($text, '-') ? -$units : $units;
    }

    /** Writes a value as a decimal column takes it. */
    public static function text(int $value): string
    {
        $sign = $value < 0 ? '-' : '';
        return sprintf('%s%d.%04d', $sign, intdiv(abs($value), self::ONE), abs($value) % self::ONE);
    }

    /** Price times quantity, with four decimals. */
    public static function product(int $price, int $quantity): int
    {
        return self::divide($price * $quantity, self::ONE);
    }

    /** Rounded to the cent, halves away from zero. */
    public static function toCent(int $value): int
    {
        return self::divide($value, self::CENT) * self::CENT;
    }

    /** That many percent of a value, to the cent. */
    public static function percentOf(int $value, int $percent): int
    {
        return self::divide($value * $percent, self::HUNDRED_PERCENT * self::CENT) * self::CENT;
    }

    /** The tax of that many percent that a value already holds, to the cent. */
    public static function percentWithin(int $value, int $percent): int
    {
        return self::divide($value * $percent, (self::HUNDRED_PERCENT + $percent) * self::CENT) * self::CENT;
    }

    /** A value in another currency, to the cent. */
    public static function exchange(int $value, int $rate): int
    {
        return $rate === self::ONE ? $value : self::toCent(self::product($value, $rate));
    }

    /**
     * What the units from $from up to $to of $whole cost when all of them cost $total, to the cent.
     *
     * Parts add up to the total, whatever the parts are.
     */
    public static function share(int $total, int $from, int $to, int $whole): int
    {
        return self::upTo($total, $to, $whole) - self::upTo($total, $from, $whole);
    }

    private static function upTo(int $total, int $quantity, int $whole): int
    {
        return $quantity >= $whole ? $total : self::toCent(self::divide($total * $quantity, $whole));
    }

    private static function divide(int $value, int $by): int
    {
        return intdiv(abs($value) * 2 + $by, $by * 2) * ($value < 0 ? -1 : 1);
    }
}
