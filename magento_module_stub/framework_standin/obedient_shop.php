<?php

declare(strict_types=1);

/**
 * A shop that does what it is told, one JSON line at a time, so that a test can interleave several of them.
 *
 * The first line says where the database is: host, port, dbname, username, password, table_prefix; which settings
 * differ from the module's own: config; and, for split databases, where all but the sales tables is: main_dbname.
 * Every line after it is one step, and is answered by one line: {"result": ...} or {"failed": class, "code": the
 * server's error or null, "message": ...}. Steps stand below: call is one of a method of Magento's; make, set and
 * refresh are for models that live from step to step under a name, as they do in one request; those that end in
 * _main are of the main database.
 */

require __DIR__ . '/autoload.php';

use ErpSidecar\Outbox\Core\AsciiJson;
use Magento\Catalog\Model\Product\Price\SpecialPrice;
use Magento\Framework\DataObject;
use Magento\Framework\Model\AbstractModel;

$read = static fn (): ?array => ($line = fgets(STDIN)) === false ? null : json_decode($line, true, 64, JSON_THROW_ON_ERROR);
$server = $read() ?? exit(1);
$adapter = new StandinFaultyAdapter($server);
$main = isset($server['main_dbname']) ? new StandinFaultyAdapter(['dbname' => $server['main_dbname']] + $server) : null;
$shop = new StandinShop($adapter, $server['table_prefix'] ?? '', $server['config'] ?? [], $main);

/** @var array<string, DataObject> $models */
$models = [];
$make = static function (array $step) use (&$models, $shop): void {
    $order = isset($step['order']) ? $models[$step['order']] : null;
    $models[$step['name']] = $shop->sales()->model($step['kind'], $step['data'], $step['orig'] ?? null, $order);
};
$makeRequested = static function (array $step) use (&$models, $shop): void {
    $models[$step['name']] = $shop->requestedCreditmemo($models[$step['order']], $step['return_to_stock']);
};
$set = static function (array $step) use (&$models): void {
    foreach ($step['data'] as $key => $value) {
        $models[$step['name']]->setData($key, $value);
    }
};
$refresh = static function (array $step) use (&$models, $shop): void {
    $shop->sales()->refresh($models[$step['name']]);
};

$subject = static function (array $step) use (&$models, $shop): DataObject {
    return match (true) {
        isset($step['name']) => $models[$step['name']],
        isset($step['document']) => new DataObject($step['document']),
        isset($step['model']) => new AbstractModel($step['model'], $step['orig'] ?? null),
        default => $shop->order($step['order_id'], $step['orig'] ?? null, $step['set'] ?? []),
    };
};

// What Magento hands over as objects comes here as {"model": data} or as a list of {"SpecialPrice": data}.
$argument = static fn (mixed $given): mixed => match (true) {
    is_array($given) && isset($given['model']) => new AbstractModel($given['model']),
    is_array($given) && isset($given[0]['SpecialPrice']) => array_map(
        static fn (array $one): SpecialPrice => new SpecialPrice($one['SpecialPrice']),
        $given
    ),
    default => $given,
};

$do = static fn (array $step): mixed => match ($step['do']) {
    'begin' => $adapter->beginTransaction()->getTransactionLevel(),
    'commit' => $adapter->commit()->getTransactionLevel(),
    'rollback' => $adapter->rollBack()->getTransactionLevel(),
    'begin_main' => $main->beginTransaction()->getTransactionLevel(),
    'commit_main' => $main->commit()->getTransactionLevel(),
    'rollback_main' => $main->rollBack()->getTransactionLevel(),
    'sql' => $adapter->query($step['sql'], $step['bind'] ?? [])->rowCount(),
    'insert_id' => (int) $adapter->lastInsertId(),
    'connection_id' => (int) $adapter->fetchOne('SELECT CONNECTION_ID()'),
    'dispatch' => $shop->dispatch($step['event'], $subject($step), $step['more'] ?? []),
    'make' => $make($step),
    'make_requested_creditmemo' => $makeRequested($step),
    'set' => $set($step),
    'refresh' => $refresh($step),
    'call' => $shop->call($step['class'], $step['method'], array_map($argument, $step['arguments'])),
    'fail_next_insert' => $adapter->failNextInsert($step['code']),
    'log' => $shop->log,
    'status' => $shop->status($step['options'] ?? []),
    'create_status' => $shop->createStatus($step['code'], $step['label'], $step['states']),
    'apply_data_patch' => $shop->applyDataPatch(),
    'order_tab' => $shop->orderTab($step['order_id'], $step['allowed']),
    'integrations' => $shop->integrations(),
    'append_stock_changes' => $shop->appendStockChanges($step['skus']),
};

$driverCode = static function (\Throwable $error): ?int {
    for ($cause = $error; $cause !== null; $cause = $cause->getPrevious()) {
        if ($cause instanceof \PDOException) {
            return $cause->errorInfo[1] ?? null;
        }
    }
    return null;
};

while (($step = $read()) !== null) {
    try {
        $answer = ['result' => $do($step)];
    } catch (\Exception $error) {
        $answer = ['failed' => $error::class, 'code' => $driverCode($error), 'message' => $error->getMessage()];
    }
    echo AsciiJson::encode($answer), "\n";
}
