<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\OrderStatus;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;

/**
 * Adds order statuses and assigns them to states; what is there already stays as the merchant has it.
 *
 * No status becomes a state's default. An order that shows one stays as visible to its customer as it was: with
 * visible_on_front 0 it would vanish from the customer's list of orders, and its page would not open any more.
 */
class OrderStatuses
{
    private const STATUSES = 'sales_order_status';
    private const STATES = 'sales_order_status_state';

    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    /** @return list<string> what was added: the status, "status in state" for each state; empty for nothing */
    public function add(OrderStatus $status): array
    {
        $connection = $this->resources->getConnection(Outbox::RESOURCE);
        $added = [];
        if (!$this->has($connection, self::STATUSES, ['status' => $status->code])) {
            $connection->insert($this->table(self::STATUSES), ['status' => $status->code, 'label' => $status->label]);
            $added[] = $status->code;
        }
        foreach ($status->states as $state) {
            $pair = ['status' => $status->code, 'state' => $state];
            if (!$this->has($connection, self::STATES, $pair)) {
                $visible = $this->isVisible($connection, $state);
                $connection->insert(
                    $this->table(self::STATES),
                    $pair + ['is_default' => 0, 'visible_on_front' => $visible]
                );
                $added[] = "$status->code in $state";
            }
        }
        return $added;
    }

    /** @param array<string, string> $key */
    private function has(AdapterInterface $connection, string $table, array $key): bool
    {
        $select = $connection->select()->from($this->table($table), ['status']);
        foreach ($key as $column => $value) {
            $select->where("$column = ?", $value);
        }
        return $connection->fetchOne($select) !== false;
    }

    /** As the state's default status is, which the order would show otherwise. */
    private function isVisible(AdapterInterface $connection, string $state): int
    {
        $select = $connection->select()->from($this->table(self::STATES), ['visible_on_front'])
            ->where('state = ?', $state)
            ->where('is_default = ?', 1);
        $visible = $connection->fetchOne($select);
        return $visible === false ? 1 : (int) $visible;
    }

    private function table(string $name): string
    {
        return $this->resources->getTableName($name, Outbox::RESOURCE);
    }
}
