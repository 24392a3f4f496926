<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Setup\Patch\Data;

use ErpSidecar\Outbox\Core\OrderStatus;
use ErpSidecar\Outbox\Model\OrderStatuses;
use Magento\Framework\Setup\Patch\DataPatchInterface;
use Magento\Sales\Setup\Patch\Data\InstallOrderStatusesAndInitialSalesConfig;

/**
 * Creates the order statuses in which Magento shows what the ERP says, as the sidecar's example blueprint names them.
 */
class CreateOrderStatuses implements DataPatchInterface
{
    public function __construct(private readonly OrderStatuses $statuses)
    {
    }

    public function apply(): self
    {
        foreach (OrderStatus::standard() as $status) {
            $this->statuses->add($status);
        }
        return $this;
    }

    /** @return list<class-string> */
    public static function getDependencies(): array
    {
        return [InstallOrderStatusesAndInitialSalesConfig::class];
    }

    /** @return list<string> */
    public function getAliases(): array
    {
        return [];
    }
}
