<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Framework\App\Config\ScopeConfigInterface;

/**
 * The families of events, each of which the shop's configuration switches on or off as a whole.
 *
 * Ask before anything else is done: a family that is off costs a save one look into Magento's cached configuration.
 */
class Families
{
    /** Orders: OrderPlaced, OrderUpdated, OrderCancelled, OrderCommented. */
    public const SALES = 'sales';

    /** Invoices, shipments, tracks, credit memos and payments. */
    public const DOCUMENTS = 'documents';

    /** Customers and their addresses. */
    public const CUSTOMERS = 'customers';

    /** Products and their prices. */
    public const CATALOG = 'catalog';

    /** Source quantities and reservations, of the second module. */
    public const INVENTORY = 'inventory';

    public const ALL = [self::SALES, self::DOCUMENTS, self::CUSTOMERS, self::CATALOG, self::INVENTORY];

    private const PATH = 'erp_sidecar_outbox/families/';

    public function __construct(private readonly ScopeConfigInterface $config)
    {
    }

    /** @param string $family one of ALL */
    public function isOn(string $family): bool
    {
        return $this->config->isSetFlag(self::PATH . $family);
    }

    /** @return list<string> the families that are off, in the order of ALL */
    public function off(): array
    {
        return array_values(array_filter(self::ALL, fn (string $family): bool => !$this->isOn($family)));
    }
}
