<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Plugin;

use ErpSidecar\OutboxInventory\Model\StockReason;
use ErpSidecar\OutboxInventory\Model\StockReasons;
use Magento\ImportExport\Model\Import;

/**
 * Tells that an import runs, of products or of stock; scheduled imports of Adobe Commerce too.
 */
class TellImport
{
    public function __construct(private readonly StockReasons $reasons)
    {
    }

    /** @return mixed */
    public function aroundImportSource(Import $subject, callable $proceed)
    {
        $entity = (string) $subject->getData('entity');
        return $this->reasons->within(
            new StockReason('import', ['type' => 'import', 'id' => $entity === '' ? 'unknown' : $entity]),
            $proceed
        );
    }
}
