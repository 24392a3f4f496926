<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Money and quantities as text with four decimals, from the database to the payload, never a float.
 */
class DecimalString
{
    private const PLACES = 4;

    /** Nearly every value; a negative fraction is left out because there is no negative zero. */
    private const AS_A_COLUMN_PRINTS_IT = '/^(?:-?[1-9]\d*|0)\.\d{4}$/D';

    /**
     * The exact value with four decimals, as a decimal(n,4) column would print it.
     *
     * @throws UnbuildablePayload when the value is a float, no plain decimal number, or finer than
     *     four decimals: each of them would have to be rounded, and the payload never rounds.
     */
    public static function of(int|float|string $value): string
    {
        if (is_string($value) && preg_match(self::AS_A_COLUMN_PRINTS_IT, $value) === 1) {
            return $value;
        }
        if (is_float($value)) {
            throw new UnbuildablePayload('A float was found where a decimal string is due.');
        }
        if (preg_match('/^(-?)(\d+)(?:\.(\d+))?$/D', (string) $value, $part) !== 1) {
            throw new UnbuildablePayload('A text was found that is not a plain decimal number.');
        }
        [$sign, $whole, $fraction] = [$part[1], ltrim($part[2], '0'), rtrim($part[3] ?? '', '0')];
        if (strlen($fraction) > self::PLACES) {
            throw new UnbuildablePayload('A decimal number was found that is finer than four decimals.');
        }
        $digits = ($whole === '' ? '0' : $whole) . '.' . str_pad($fraction, self::PLACES, '0');
        return ($digits === '0.0000' ? '' : $sign) . $digits;
    }

    /**
     * The exact $minuend - $subtrahend, with four decimals.
     *
     * @throws UnbuildablePayload as of, or when a number is longer than a decimal(18,4) column could hold it
     */
    public static function difference(string $minuend, string $subtrahend): string
    {
        $units = self::units($minuend) - self::units($subtrahend);
        $digits = str_pad((string) abs($units), self::PLACES + 1, '0', STR_PAD_LEFT);
        return ($units < 0 ? '-' : '') . substr($digits, 0, -self::PLACES) . '.' . substr($digits, -self::PLACES);
    }

    /** The number in ten-thousandths: a difference of two such of 18 digits is still a 64-bit integer. */
    private static function units(string $value): int
    {
        $digits = str_replace('.', '', self::of($value));
        if (strlen(ltrim($digits, '-')) > 18) {
            throw new UnbuildablePayload('A decimal number was found that is too long to reckon with.');
        }
        return (int) $digits;
    }
}
