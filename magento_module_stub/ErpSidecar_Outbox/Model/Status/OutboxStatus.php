<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model\Status;

use ErpSidecar\Outbox\Core\Occurrence;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Model\ExportedAttributes;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\Outbox;
use ErpSidecar\Outbox\Model\ServerPayloadLimit;
use Magento\Framework\App\ResourceConnection;

/**
 * Whether events can be written, how many there are, and how far the sidecar has read them.
 */
class OutboxStatus
{
    private const ENOUGH_PACKET_BYTES = 16_777_216;

    public function __construct(
        private readonly ResourceConnection $resources,
        private readonly SidecarTables $tables,
        private readonly Families $families,
        private readonly ServerPayloadLimit $limit,
        private readonly ExportedAttributes $exported
    ) {
    }

    /**
     * What there is to say, and what to do about it.
     *
     * @return array{
     *     module_version: string, is_ready: bool, connections: list<array<string, mixed>>,
     *     events: array<string, mixed>, destinations: list<array<string, mixed>>, families_off: list<string>,
     *     product_attributes: list<string>, payload_limit_bytes: int, max_allowed_packet: int, what_to_do: list<string>
     * }
     */
    public function report(): array
    {
        $connections = [$this->connection(Outbox::RESOURCE), $this->connection(Outbox::DEFAULT_RESOURCE)];
        $isReady = $this->tables->exists(OutboxRow::TABLE);
        $report = [
            'module_version' => ModuleVersion::NUMBER,
            'is_ready' => $isReady,
            'connections' => $connections,
            'events' => $isReady ? $this->events() : [],
            'destinations' => $isReady ? $this->destinations() : [],
            'families_off' => $this->families->off(),
            'product_attributes' => $this->exported->codes(),
            'payload_limit_bytes' => $this->limit->bytes(),
            'max_allowed_packet' => $this->limit->packetBytes(),
        ];
        return $report + ['what_to_do' => $this->whatToDo($report)];
    }

    /** @return array{resource: string, is_sales_connection: bool, table: string, exists: bool} */
    private function connection(string $resource): array
    {
        $connection = $this->resources->getConnection($resource);
        $table = $this->resources->getTableName(OutboxRow::TABLE, $resource);
        return [
            'resource' => $resource,
            'is_sales_connection' => $connection === $this->resources->getConnection(Outbox::RESOURCE),
            'table' => $table,
            'exists' => (bool) $connection->isTableExists($table),
        ];
    }

    /** @return array{first_id: int|null, last_id: int|null, last_at: string|null} */
    private function events(): array
    {
        $ids = $this->tables->row(
            $this->tables->select(OutboxRow::TABLE, ['first_id' => 'MIN(id)', 'last_id' => 'MAX(id)'])
        );
        if (($ids['last_id'] ?? null) === null) {
            return ['first_id' => null, 'last_id' => null, 'last_at' => null];
        }
        $last = $this->tables->row(
            $this->tables->select(OutboxRow::TABLE, ['occurred_at_us'])->where('id = ?', $ids['last_id'])
        );
        return [
            'first_id' => (int) $ids['first_id'],
            'last_id' => (int) $ids['last_id'],
            'last_at' => (new Occurrence('', (int) $last['occurred_at_us']))->isoTime(),
        ];
    }

    /** @return list<array{destination: string, stream: string, unread: int, unfinished: array<string, int>}> */
    private function destinations(): array
    {
        if (!$this->tables->exists('erp_cursor')) {
            return [];
        }
        $select = $this->tables->select('erp_cursor', ['destination', 'stream', 'accounted_to'])
            ->order('destination')
            ->order('stream');
        $destinations = [];
        foreach ($this->tables->rows($select) as $cursor) {
            $unread = $this->tables->select(OutboxRow::TABLE, ['events' => 'COUNT(*)'])
                ->where('id > ?', $cursor['accounted_to']);
            $destinations[] = [
                'destination' => (string) $cursor['destination'],
                'stream' => (string) $cursor['stream'],
                'unread' => (int) $this->tables->row($unread)['events'],
                'unfinished' => $this->unfinished((string) $cursor['destination'], (string) $cursor['stream']),
            ];
        }
        return $destinations;
    }

    /** @return array<string, int> delivery state => events */
    private function unfinished(string $destination, string $stream): array
    {
        $select = $this->tables->select('erp_delivery', ['state', 'events' => 'COUNT(*)'])
            ->where('destination = ?', $destination)
            ->where('stream = ?', $stream)
            ->group('state')
            ->order('state');
        return array_map('intval', array_column($this->tables->rows($select), 'events', 'state'));
    }

    /**
     * @param array<string, mixed> $report
     * @return list<string>
     */
    private function whatToDo(array $report): array
    {
        $todo = [];
        foreach ($report['connections'] as $connection) {
            if ($connection['exists']) {
                continue;
            }
            $todo[] = $connection['is_sales_connection']
                ? "The table {$connection['table']} is missing, so no event is written: run bin/magento setup:upgrade."
                : "The databases are split and {$connection['table']} is missing on the connection of the resource "
                    . "{$connection['resource']}: create it there as in the sales database (SHOW CREATE TABLE) and "
                    . 'run a sidecar on it, or switch off customers, catalog and inventory.';
        }
        if ($report['is_ready'] && $report['destinations'] === []) {
            $todo[] = 'No sidecar reads this outbox: install it, run erp-sidecar schema apply, then erp-sidecar run.';
        }
        if ($report['max_allowed_packet'] < self::ENOUGH_PACKET_BYTES) {
            $todo[] = 'max_allowed_packet is below 16 MB: set it to 16M or more in the server\'s configuration; longer '
                . 'events are written without their payload, and the sidecar reads the tables.';
        }
        return array_values(array_unique($todo));
    }
}
