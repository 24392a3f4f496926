<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\Actor;
use ErpSidecar\Outbox\Core\Cause;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\App\Area;
use Magento\Framework\App\Request\Http;
use Magento\Framework\App\State;
use Magento\Framework\Exception\LocalizedException;

/**
 * Where the change that this process makes came from, and who makes it, as far as Magento knows.
 */
class CurrentCause
{
    private const BY_CONTEXT = [
        UserContextInterface::USER_TYPE_INTEGRATION => Actor::INTEGRATION,
        UserContextInterface::USER_TYPE_ADMIN => Actor::ADMIN,
        UserContextInterface::USER_TYPE_CUSTOMER => Actor::USER,
    ];

    private const ORIGINS = [
        Area::AREA_FRONTEND => 'web',
        Area::AREA_ADMINHTML => 'admin',
        Area::AREA_WEBAPI_REST => 'rest',
        Area::AREA_WEBAPI_SOAP => 'soap',
        Area::AREA_GRAPHQL => 'graphql',
        Area::AREA_CRONTAB => 'cron',
    ];

    public function __construct(
        private readonly UserContextInterface $userContext,
        private readonly State $state,
        private readonly Http $request
    ) {
    }

    /** @param int|null $customerId the customer whose order or account is changed: who acts in the storefront */
    public function of(?int $customerId): Cause
    {
        $origin = self::ORIGINS[$this->areaCode() ?? ''] ?? 'cli';
        return new Cause($origin, $this->actor($customerId), $this->request->getServer('HTTP_TRACEPARENT'));
    }

    /** @return array{type: string, id: int|null} */
    private function actor(?int $customerId): array
    {
        $userId = (int) $this->userContext->getUserId();
        $type = self::BY_CONTEXT[(int) $this->userContext->getUserType()] ?? null;
        if ($type !== null && $userId > 0) {
            return ['type' => $type, 'id' => $userId];
        }
        return match ($this->areaCode()) {
            Area::AREA_ADMINHTML => ['type' => Actor::ADMIN, 'id' => null],
            Area::AREA_CRONTAB => ['type' => Actor::CRON, 'id' => null],
            Area::AREA_FRONTEND, Area::AREA_WEBAPI_REST, Area::AREA_GRAPHQL => self::shopper($customerId),
            default => ['type' => Actor::UNKNOWN, 'id' => null],
        };
    }

    /** @return array{type: string, id: int|null} */
    private static function shopper(?int $customerId): array
    {
        return $customerId !== null && $customerId > 0
            ? ['type' => Actor::USER, 'id' => $customerId]
            : ['type' => Actor::GUEST, 'id' => null];
    }

    /** A command line may run before any area is set. */
    private function areaCode(): ?string
    {
        try {
            return $this->state->getAreaCode();
        } catch (LocalizedException) {
            return null;
        }
    }
}
