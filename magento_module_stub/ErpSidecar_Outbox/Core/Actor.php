<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Who caused an event: a kind of actor and, where Magento knows it, an id.
 */
class Actor
{
    public const ADMIN = 'admin';
    public const USER = 'user';
    public const INTEGRATION = 'integration';
    public const CRON = 'cron';
    public const GUEST = 'guest';
    public const UNKNOWN = 'unknown';

    public const TYPES = [self::ADMIN, self::USER, self::INTEGRATION, self::CRON, self::GUEST, self::UNKNOWN];

    /**
     * @param array{type: string, id: int|string|null} $actor
     * @return array{type: string, id: int|string|null}
     */
    public static function of(array $actor): array
    {
        if (!in_array($actor['type'], self::TYPES, true)) {
            throw new UnbuildablePayload('An actor was found that is none of: ' . implode(', ', self::TYPES) . '.');
        }
        return ['type' => $actor['type'], 'id' => $actor['id'] ?? null];
    }
}
