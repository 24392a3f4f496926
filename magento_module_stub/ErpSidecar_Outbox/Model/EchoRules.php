<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\Actor;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\Request\Http;

/**
 * Tells which changes the ERP itself has brought about, so that nobody sends them back to it.
 *
 * Two ways, both for integrations only: the shop's configuration names the integrations that speak for the ERP; and
 * an integration that also does other things says so for one request, by the header X-Erp-Sidecar-Origin: erp.
 * From anyone else the header means nothing: a visitor must not be able to hide an order from the ERP.
 */
class EchoRules
{
    private const INTEGRATIONS = 'erp_sidecar_outbox/echo/integrations';
    private const HEADER = 'HTTP_X_ERP_SIDECAR_ORIGIN';

    public function __construct(private readonly ScopeConfigInterface $config, private readonly Http $request)
    {
    }

    /** @param array{type: string, id: int|string|null} $actor who makes the change */
    public function isEcho(array $actor): bool
    {
        return $actor['type'] === Actor::INTEGRATION
            && ($this->request->getServer(self::HEADER) === 'erp' || $this->isNamed((string) $actor['id']));
    }

    private function isNamed(string $integrationId): bool
    {
        $named = (string) $this->config->getValue(self::INTEGRATIONS);
        return in_array($integrationId, array_map('trim', explode(',', $named)), true);
    }
}
