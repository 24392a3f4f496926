<?php

declare(strict_types=1);

namespace ErpSidecar\StockFeed\Api;

/**
 * Sets source items that are still as the caller has read them.
 *
 * @api
 */
interface SourceItemChangesInterface
{
    /**
     * Set each source item that holds what was expected, all of them in one transaction; leave the others alone.
     *
     * An error means that nothing was written.
     *
     * @param \ErpSidecar\StockFeed\Api\Data\SourceItemChangeInterface[] $changes
     * @return \ErpSidecar\StockFeed\Api\Data\SourceItemResultInterface[] One for each change, in their order.
     * @throws \Magento\Framework\Exception\InputException A change that cannot be read.
     * @throws \Magento\Framework\Exception\LocalizedException What Magento refuses when it saves source items.
     * @throws \Magento\Framework\Webapi\Exception 503: the rows are locked by others; ask again later.
     */
    public function apply(array $changes): array;
}
