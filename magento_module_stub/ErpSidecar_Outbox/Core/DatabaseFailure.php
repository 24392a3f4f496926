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

    /** A lock that was waited for too long, a deadlock, and two ways in which a connection is lost. */
    private const PASSING = [1205, 1213, 2006, 2013];

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

    /** Whether the same may go well another time: others held a lock, or the connection was lost. */
    public static function isPassing(\Throwable $error): bool
    {
        return in_array(self::driverException($error)?->errorInfo[1] ?? null, self::PASSING, true);
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
