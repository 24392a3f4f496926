<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model\Status;

/**
 * How far each destination has come with some events of one lane, as the sidecar's tables tell it.
 */
class DeliveryStates
{
    /** No table says anything of the event yet. */
    public const ON_ITS_WAY = 'on its way';

    /** The destination began later: it never gets the event. */
    public const BEFORE_ITS_START = 'before its start';

    public function __construct(private readonly SidecarTables $tables)
    {
    }

    /**
     * The events of the lane that are not done yet, whatever their age.
     *
     * @return list<int> outbox ids
     */
    public function unfinished(string $lane): array
    {
        $ids = [];
        foreach (array_keys($this->destinations()) as $destination) {
            $select = $this->tables->select('erp_delivery', ['outbox_id'])
                ->where('destination = ?', (string) $destination)
                ->where('lane = ?', $lane);
            $ids = [...$ids, ...array_column($this->tables->rows($select), 'outbox_id')];
        }
        return array_map('intval', array_values(array_unique($ids)));
    }

    /**
     * @param list<int> $ids outbox ids
     * @return array<int, array<string, string>> outbox id => destination => delivery state or receipt's outcome
     */
    public function of(array $ids): array
    {
        $states = array_fill_keys($ids, []);
        foreach ($ids === [] ? [] : $this->destinations() as $destination => $startedAfter) {
            // A name of digits has become a number: it is a key of an array here.
            $name = (string) $destination;
            $known = $this->inTable('erp_delivery', 'state', $name, $ids)
                + $this->inTable('erp_receipt', 'outcome', $name, $ids)
                + $this->inRanges($name, $ids);
            foreach ($ids as $id) {
                $states[$id][$name] = $known[$id]
                    ?? ($id <= $startedAfter ? self::BEFORE_ITS_START : self::ON_ITS_WAY);
            }
        }
        return $states;
    }

    /** @return array<string, int> destination => the outbox id after which it began */
    private function destinations(): array
    {
        if (!$this->tables->exists('erp_cursor')) {
            return [];
        }
        $select = $this->tables->select('erp_cursor', ['destination', 'started_after'])
            ->where('stream = ?', 'documents')
            ->order('destination');
        return array_map('intval', array_column($this->tables->rows($select), 'started_after', 'destination'));
    }

    /**
     * @param list<int> $ids
     * @return array<int, string>
     */
    private function inTable(string $table, string $column, string $destination, array $ids): array
    {
        $select = $this->tables->select($table, ['outbox_id', $column])
            ->where('destination = ?', $destination)
            ->where('outbox_id IN (?)', $ids);
        return array_column($this->tables->rows($select), $column, 'outbox_id');
    }

    /**
     * @param non-empty-list<int> $ids
     * @return array<int, string>
     */
    private function inRanges(string $destination, array $ids): array
    {
        $found = [];
        foreach ($ids as $id) {
            $select = $this->tables->select('erp_receipt_range', ['first_id', 'holes', 'outcome'])
                ->where('destination = ?', $destination)
                ->where('last_id >= ?', $id)
                ->order('last_id')
                ->limit(1);
            $range = $this->tables->row($select);
            if ($range !== [] && (int) $range['first_id'] <= $id && !self::isHole((string) $range['holes'], $id)) {
                $found[$id] = (string) $range['outcome'];
            }
        }
        return $found;
    }

    private static function isHole(string $holes, int $id): bool
    {
        foreach (json_decode($holes, true) ?: [] as [$first, $last]) {
            if ($first <= $id && $id <= $last) {
                return true;
            }
        }
        return false;
    }
}
