<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Which event the save of an order is.
 */
class OrderChange
{
    public const PLACED = 'OrderPlaced';
    public const UPDATED = 'OrderUpdated';
    public const CANCELLED = 'OrderCancelled';

    /**
     * @param string|null $stateBefore the state the order was loaded with; null when it was never loaded,
     *     which is how a new order is told
     */
    public static function type(?string $stateBefore, ?string $state): string
    {
        return match (true) {
            $stateBefore === null => self::PLACED,
            $state === 'canceled' && $stateBefore !== 'canceled' => self::CANCELLED,
            default => self::UPDATED,
        };
    }
}
