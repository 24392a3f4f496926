<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\Actor;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\App\Area;
use Magento\Framework\App\State;
use Magento\Framework\Exception\LocalizedException;
use Magento\Sales\Model\Order;

/**
 * Who is changing an order in this process, as far as Magento knows.
 */
class CurrentActor
{
    private const BY_CONTEXT = [
        UserContextInterface::USER_TYPE_INTEGRATION => Actor::INTEGRATION,
        UserContextInterface::USER_TYPE_ADMIN => Actor::ADMIN,
        UserContextInterface::USER_TYPE_CUSTOMER => Actor::USER,
    ];

    public function __construct(
        private readonly UserContextInterface $userContext,
        private readonly State $state
    ) {
    }

    /** @return array{type: string, id: int|null} */
    public function whoChanged(Order $order): array
    {
        $userId = (int) $this->userContext->getUserId();
        $type = self::BY_CONTEXT[(int) $this->userContext->getUserType()] ?? null;
        if ($type !== null && $userId > 0) {
            return ['type' => $type, 'id' => $userId];
        }
        return match ($this->areaCode()) {
            Area::AREA_ADMINHTML => ['type' => Actor::ADMIN, 'id' => null],
            Area::AREA_CRONTAB => ['type' => Actor::CRON, 'id' => null],
            Area::AREA_FRONTEND, Area::AREA_WEBAPI_REST, Area::AREA_GRAPHQL => $this->shopper($order),
            default => ['type' => Actor::UNKNOWN, 'id' => null],
        };
    }

    /** @return array{type: string, id: int|null} */
    private function shopper(Order $order): array
    {
        $customerId = (int) $order->getCustomerId();
        return $customerId > 0
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
