<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model\Config;

use Magento\Framework\App\ResourceConnection;
use Magento\Framework\Data\OptionSourceInterface;

/**
 * The shop's integrations, to choose those that speak for the ERP.
 */
class Integrations implements OptionSourceInterface
{
    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** @return list<array{value: string, label: string}> by name */
    public function toOptionArray()
    {
        $connection = $this->resources->getConnection();
        $select = $connection->select()
            ->from($this->resources->getTableName('integration'), ['integration_id', 'name'])
            ->order('name');
        return array_map(
            static fn (array $row): array => [
                'value' => (string) $row['integration_id'],
                'label' => $row['name'] . ' (' . $row['integration_id'] . ')',
            ],
            $connection->fetchAll($select)
        );
    }
}
