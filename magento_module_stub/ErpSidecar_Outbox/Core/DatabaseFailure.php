<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Tells a failure of the database from any other, however deep Magento has wrapped it.
 */
class DatabaseFailure
{
    /** The table does not exist. */
    private const NO_SUCH_TABLE = 1146;

    /** Whether a driver's exception is the error or one of its causes. */
    public static function isBehind(\Throwable $error): bool
    {
        return self::driverException($error) !== null;
    }

    /** Whether the statement failed only because its table is not there; it then changed nothing. */
    public static function isMissingTable(\Throwable $error): bool
    {
        return (self::driverException($error)?->errorInfo[1] ?? null) === self::NO_SUCH_TABLE;
    }

    private static function driverException(\Throwable $error): ?\PDOException
    {
        for ($cause = $error; $cause !== null; $cause = $cause->getPrevious()) {
            if ($cause instanceof \PDOException) {
                return $cause;
            }
        }
        return null;
    }
}
