<?php

declare(strict_types=1);

/**
 * A shop whose stock does what it is told, one JSON line at a time; obedient_shop.php says how. With split databases
 * the sales tables are in sales_dbname; `is_plain` is a shop without the module.
 *
 * Steps beyond begin, commit, rollback, sql, connection_id, fail_next_insert and log are the methods of
 * StandinInventory, and `traffic`: many transactions of one kind at a stretch, for several processes at once.
 */

require __DIR__ . '/autoload.php';

use ErpSidecar\Outbox\Core\AsciiJson;
use Magento\Framework\Model\AbstractModel;

$read = static fn (): ?array => ($line = fgets(STDIN)) === false ? null : json_decode($line, true, 64, JSON_THROW_ON_ERROR);
$server = $read() ?? exit(1);
$adapter = new StandinFaultyAdapter($server);
$sales = isset($server['sales_dbname']) ? new StandinFaultyAdapter(['dbname' => $server['sales_dbname']] + $server) : null;
$shop = new StandinShop($sales ?? $adapter, $server['table_prefix'] ?? '', $server['config'] ?? [], $adapter);
$inventory = new StandinInventory($shop, $server['is_plain'] ?? false);

/** @var list<AbstractModel> kept, as a request keeps what it saves */
$saved = [];

$driverCode = static function (\Throwable $error): ?int {
    for ($cause = $error; $cause !== null; $cause = $cause->getPrevious()) {
        if ($cause instanceof \PDOException) {
            return $cause->errorInfo[1] ?? null;
        }
    }
    return null;
};

$traffic = static fn (array $step): array
    => (new StandinStockTraffic($inventory, $adapter, $driverCode))->run(...$step['options']);

$announce = static function (array $step) use (&$saved, $inventory): void {
    $saved[] = $model = new AbstractModel($step['model'], $step['orig'] ?? null);
    $inventory->dispatch($step['event'], $model);
    foreach ($step['set_later'] ?? [] as $key => $value) {
        $model->setData($key, $value);
    }
};

$seconds = static function (array $step) use ($inventory): float {
    $begun = hrtime(true);
    $inventory->save($step['items'], $step['is_later'] ?? false);
    return (hrtime(true) - $begun) / 1e9;
};

$do = static fn (array $step): mixed => match ($step['do']) {
    'begin' => $adapter->beginTransaction()->getTransactionLevel(),
    'commit' => $adapter->commit()->getTransactionLevel(),
    'rollback' => $adapter->rollBack()->getTransactionLevel(),
    'level' => $adapter->getTransactionLevel(),
    'sql' => $adapter->query($step['sql'], $step['bind'] ?? [])->rowCount(),
    'look' => $adapter->fetchAll($step['sql']),
    'connection_id' => (int) $adapter->fetchOne('SELECT CONNECTION_ID()'),
    'fail_next_insert' => $adapter->failNextInsert($step['code']),
    'log' => $shop->log,
    'announce' => $announce($step),
    'import' => $inventory->import($step['entity'], static fn () => $inventory->save($step['items'])),
    'timed_save' => $seconds($step),
    'traffic' => $traffic($step),
    default => $inventory->{$step['do']}(...$step['with']),
};

while (($step = $read()) !== null) {
    try {
        $answer = ['result' => AsciiJson::withoutFloats($do($step))];
    } catch (\Exception $error) {
        $answer = ['failed' => $error::class, 'code' => $driverCode($error), 'message' => $error->getMessage()];
    }
    echo AsciiJson::encode($answer), "\n";
}
