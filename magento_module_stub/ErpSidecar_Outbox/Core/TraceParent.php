<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The header that ties a request to a trace: W3C Trace Context, version 00.
 */
class TraceParent
{
    private const FORM = '/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/D';

    /** The text, if it is a valid header; anything else begins no trace and is nobody's. */
    public static function accepted(?string $header): ?string
    {
        return preg_match(self::FORM, $header ?? '') === 1 ? $header : null;
    }

    /** The header of a new trace, marked as sampled: what the sidecar makes of it may be recorded. */
    public static function begun(Randomness $randomness): string
    {
        $bytes = $randomness->bytes(24);
        // An id of nothing but zeros is invalid.
        $bytes[15] = chr(ord($bytes[15]) | 1);
        $bytes[23] = chr(ord($bytes[23]) | 1);
        return '00-' . bin2hex(substr($bytes, 0, 16)) . '-' . bin2hex(substr($bytes, 16)) . '-01';
    }
}
