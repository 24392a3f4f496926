<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model\Status;

/**
 * The ERP documents that stand for an order, as the sidecar has confirmed them.
 */
class ErpDocuments
{
    private const COLUMNS = ['destination', 'erp_number', 'erp_status', 'confirmed_at', 'projected_at'];

    public function __construct(private readonly SidecarTables $tables)
    {
    }

    /** @return list<array<string, string|null>> one for each destination that has the order */
    public function ofOrder(int $orderId): array
    {
        if (!$this->tables->exists('erp_document')) {
            return [];
        }
        $select = $this->tables->select('erp_document', self::COLUMNS)
            ->where('entity_type = ?', 'order')
            ->where('entity_id = ?', $orderId)
            ->order('destination');
        return $this->tables->rows($select);
    }
}
