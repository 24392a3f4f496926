<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\Actor;
use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\Outbox\Core\DatabaseFailure;
use ErpSidecar\Outbox\Core\Randomness;
use ErpSidecar\Outbox\Core\TraceParent;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\App\Area;
use Magento\Framework\App\Request\Http;
use Magento\Framework\App\State;
use Magento\Framework\Exception\LocalizedException;

/**
 * Where the change that this process makes came from, and who makes it, as far as Magento knows.
 *
 * Who acts is asked of Magento's user context: integrations, admins and customers with a token or a session. In the
 * admin panel etc/adminhtml/di.xml puts the panel's session in its place; other areas never see that class.
 */
class CurrentCause
{
    private const CLI = 'cli';
    private const QUEUE = 'queue';
    private const CRON = 'cron';

    private const BY_CONTEXT = [
        UserContextInterface::USER_TYPE_INTEGRATION => Actor::INTEGRATION,
        UserContextInterface::USER_TYPE_ADMIN => Actor::ADMIN,
        UserContextInterface::USER_TYPE_CUSTOMER => Actor::USER,
    ];

    /** Areas that are entered in one way only. */
    private const BY_AREA = [
        Area::AREA_WEBAPI_REST => 'rest',
        Area::AREA_WEBAPI_SOAP => 'soap',
        Area::AREA_GRAPHQL => 'graphql',
        Area::AREA_CRONTAB => self::CRON,
    ];

    /** Areas of pages, which a command or a consumer may also put itself into. */
    private const BY_PAGE_AREA = [Area::AREA_FRONTEND => 'web', Area::AREA_ADMINHTML => 'admin'];

    private ?string $begun = null;
    private string $begunIn = '';

    public function __construct(
        private readonly UserContextInterface $userContext,
        private readonly State $state,
        private readonly Http $request,
        private readonly Randomness $randomness,
        private readonly EchoRules $echoes
    ) {
    }

    /** @param int|null $customerId the customer whose order or account is changed: who acts in the storefront */
    public function of(?int $customerId): Cause
    {
        $origin = $this->origin();
        $actor = $this->actor($origin, $customerId);
        return new Cause(
            $this->echoes->isEcho($actor) ? Cause::ORIGIN_ERP : $origin,
            $actor,
            TraceParent::accepted($this->request->getServer('HTTP_TRACEPARENT')) ?? $this->begunTrace($origin)
        );
    }

    private function origin(): string
    {
        $area = $this->areaCode() ?? '';
        if (isset(self::BY_AREA[$area])) {
            return self::BY_AREA[$area];
        }
        if ($this->request->getServer('REQUEST_METHOD') !== null) {
            return self::BY_PAGE_AREA[$area] ?? Cause::ORIGIN_UNKNOWN;
        }
        $arguments = (array) $this->request->getServer('argv');
        return in_array('queue:consumers:start', $arguments, true) ? self::QUEUE : self::CLI;
    }

    /** @return array{type: string, id: int|null} */
    private function actor(string $origin, ?int $customerId): array
    {
        if ($origin === self::CLI || $origin === self::QUEUE) {
            return ['type' => Actor::UNKNOWN, 'id' => null];
        }
        if ($origin === self::CRON) {
            return ['type' => Actor::CRON, 'id' => null];
        }
        [$userType, $userId] = $this->user();
        $type = self::BY_CONTEXT[$userType] ?? null;
        return match (true) {
            $type !== null && $userId > 0 => ['type' => $type, 'id' => $userId],
            $origin === 'admin' => ['type' => Actor::ADMIN, 'id' => null],
            $origin === Cause::ORIGIN_UNKNOWN => ['type' => Actor::UNKNOWN, 'id' => null],
            ($customerId ?? 0) > 0 => ['type' => Actor::USER, 'id' => $customerId],
            default => ['type' => Actor::GUEST, 'id' => null],
        };
    }

    /**
     * Whom Magento takes to be logged in. Who it was is worth less than the save: a session that cannot be read is
     * nobody's, but a failure of the database leaves the transaction in doubt and is thrown on.
     *
     * @return array{int, int} type and id; zeros for nobody
     */
    private function user(): array
    {
        try {
            return [(int) $this->userContext->getUserType(), (int) $this->userContext->getUserId()];
        } catch (\Exception $error) {
            if (DatabaseFailure::isBehind($error)) {
                throw $error;
            }
            return [0, 0];
        }
    }

    /** One trace for all events of a request; a process without a request does many things, and begins one for each. */
    private function begunTrace(string $origin): string
    {
        $request = (string) $this->request->getServer('REQUEST_TIME_FLOAT');
        $hasNoRequest = in_array($origin, [self::CLI, self::QUEUE, self::CRON], true);
        if ($this->begun === null || $hasNoRequest || $this->begunIn !== $request) {
            [$this->begun, $this->begunIn] = [TraceParent::begun($this->randomness), $request];
        }
        return $this->begun;
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
