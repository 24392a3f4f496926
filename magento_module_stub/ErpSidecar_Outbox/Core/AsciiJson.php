<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * JSON in pure ASCII, so that a three-byte UTF-8 column or a careless client cannot damage it.
 */
class AsciiJson
{
    private const DEPTH = 64;

    /** A digit as it stands before a fraction or an exponent, within a text or not; most JSON columns have none. */
    private const MAYBE_A_FRACTION = '/\d[.eE]/';

    /** A number with a fraction or an exponent; texts are passed over whole. */
    private const FRACTION = '/"(?:[^"\\\\]++|\\\\.)*+"(*SKIP)(*FAIL)'
        . '|-?\d++(?:\.\d++(?:[eE][+-]?\d++)?+|[eE][+-]?\d++)/s';

    /**
     * Keys keep the order they are given in; a float anywhere is refused, not printed.
     *
     * @param array<array-key, mixed> $value
     * @throws UnbuildablePayload on a float, an unknown object or text that is not UTF-8
     */
    public static function encode(array $value): string
    {
        self::refuseFloats($value, '');
        try {
            return json_encode($value, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES, self::DEPTH);
        } catch (\JsonException $error) {
            throw new UnbuildablePayload('The payload cannot be written as JSON: ' . $error->getMessage(), 0, $error);
        }
    }

    /**
     * Objects become arrays; a number with a fraction or an exponent, or beyond 64 bits, stays the
     * text it was written as.
     *
     * @throws UnbuildablePayload when the text is not JSON
     */
    public static function decode(string $json): mixed
    {
        $exact = preg_match(self::MAYBE_A_FRACTION, $json) === 1
            ? (string) preg_replace(self::FRACTION, '"$0"', $json)
            : $json;
        try {
            return json_decode($exact, true, self::DEPTH, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
        } catch (\JsonException $error) {
            throw new UnbuildablePayload('A JSON column cannot be read: ' . $error->getMessage(), 0, $error);
        }
    }

    /** Replaces each float inside by the shortest text that reads back as the same number. */
    public static function withoutFloats(mixed $value): mixed
    {
        if (is_array($value)) {
            return array_map(self::withoutFloats(...), $value);
        }
        return is_float($value) ? var_export($value, true) : $value;
    }

    /** @param array<array-key, mixed> $value */
    private static function refuseFloats(array $value, string $path): void
    {
        foreach ($value as $key => $part) {
            if ($part === null || is_string($part)) {
                continue;
            }
            if (is_float($part)) {
                throw new UnbuildablePayload("A float was found at $path$key; numbers with decimals are texts.");
            }
            if (is_object($part) && !$part instanceof \stdClass) {
                throw new UnbuildablePayload("An object was found at $path$key; only plain data is written.");
            }
            if (is_array($part) || is_object($part)) {
                self::refuseFloats((array) $part, "$path$key.");
            }
        }
    }
}
