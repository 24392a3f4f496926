<?php

declare(strict_types=1);

use ErpSidecar\StockFeed\Api\Data\SourceItemChangeInterface;
use ErpSidecar\StockFeed\Api\Data\SourceItemResultInterface;
use ErpSidecar\StockFeed\Api\SourceItemChangesInterface;
use ErpSidecar\StockFeed\Model\SourceItemChange;

/**
 * The third module in a shop: its service, asked as the web API asks it.
 */
class StandinStockFeed
{
    private readonly StandinObjectFactory $objects;

    /** @param array<class-string, object> $made what Magento and the second module have */
    public function __construct(array $made)
    {
        $this->objects = new StandinObjectFactory(dirname(__DIR__) . '/ErpSidecar_StockFeed/etc/di.xml', $made);
    }

    /**
     * @param list<array<string, mixed>> $changes
     * @return list<array<string, mixed>>
     */
    public function apply(array $changes): array
    {
        $given = StandinWebApi::objects(SourceItemChangeInterface::class, SourceItemChange::class, $changes);
        $results = $this->objects->get(SourceItemChangesInterface::class)->apply($given);
        return StandinWebApi::fields(SourceItemResultInterface::class, $results);
    }
}
