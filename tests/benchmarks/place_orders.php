<?php

declare(strict_types=1);

/**
 * Places orders in turn with and without the module's outbox write, and prints how long each transaction took.
 *
 * Reads one JSON object: the database's address, how many orders, how many items each, and the statements that
 * place an order. Prints {"with": [microseconds], "without": [microseconds], "building": [microseconds of an order's
 * payload alone], "bytes": of a payload, "gzip": the same, compressed, "opcache": whether it is on}.
 *
 * In Magento the order's model is in memory when the module is called. Here it is read from the rows first, in
 * both kinds of transaction and outside of the time that counts; its amounts become floats, as Magento's totals leave
 * them in the request that places an order.
 */

require dirname(__DIR__, 2) . '/magento_module_stub/framework_standin/autoload.php';

use Magento\Framework\DB\Adapter\Pdo\Mysql;
use Magento\Sales\Model\Order;

const WARM_UP = 50;

/** An adapter that can be told to keep an event to itself, so that building it is timed alone. */
class KeepingAdapter extends Mysql
{
    public bool $keeps = false;
    public string $kept = '';

    public function insert($table, array $bind)
    {
        if (!$this->keeps) {
            return parent::insert($table, $bind);
        }
        $this->kept = $bind['payload'];
        return 1;
    }
}

$given = json_decode((string) stream_get_contents(STDIN), true, 64, JSON_THROW_ON_ERROR);
$adapter = new KeepingAdapter($given);
$shop = new StandinShop($adapter);
[$placeOrder, $placeItem, $placeAddress, $placePayment] =
    array_map(static fn (string $sql): string => str_replace('%s', '?', $sql), $given['write']);

$asPlaced = static function (int $orderId) use ($shop): Order {
    $order = $shop->order($orderId, null);
    foreach ([$order, ...$order->getAllItems()] as $model) {
        foreach ($model->getData() as $column => $value) {
            if (is_string($value) && preg_match('/^-?\d+\.\d{4}$/D', $value) === 1) {
                $model->setData($column, (float) $value);
            }
        }
    }
    return $order;
};

$place = static function (int $orderId, bool $captured) use ($adapter, $shop, $given, $asPlaced, $placeOrder, $placeItem, $placeAddress, $placePayment): float {
    $began = hrtime(true);
    $adapter->beginTransaction();
    $adapter->query($placeOrder, [$orderId, sprintf('%09d', $orderId)]);
    for ($item = 0; $item < $given['items']; $item++) {
        $adapter->query($placeItem, [$orderId]);
    }
    $adapter->query($placeAddress, [$orderId]);
    $adapter->query($placePayment, [$orderId]);
    $paused = hrtime(true);
    $order = $asPlaced($orderId);
    $resumed = hrtime(true);
    if ($captured) {
        $shop->dispatch('sales_order_process_relation', $order);
    }
    $adapter->commit();
    return (hrtime(true) - $began - ($resumed - $paused)) / 1000;
};

$build = static function (int $orderId) use ($adapter, $shop, $asPlaced): float {
    $order = $asPlaced($orderId);
    $adapter->keeps = true;
    $began = hrtime(true);
    $shop->dispatch('sales_order_process_relation', $order);
    $took = hrtime(true) - $began;
    $adapter->keeps = false;
    return $took / 1000;
};

$times = ['with' => [], 'without' => [], 'building' => []];
for ($number = 1 - WARM_UP; $number <= $given['orders']; $number++) {
    $kinds = $number % 2 ? ['with', 'without'] : ['without', 'with'];
    foreach ($kinds as $kind) {
        $orderId = 2 * ($number + WARM_UP) + ($kind === 'with' ? 1 : 0);
        $microseconds = $place($orderId, $kind === 'with');
        if ($number >= 1) {
            $times[$kind][] = $microseconds;
        }
    }
    if ($number >= 1) {
        $times['building'][] = $build($orderId);
    }
}
if ($shop->log !== []) {
    fwrite(STDERR, json_encode($shop->log[0]));
    exit(1);
}
echo json_encode($times + [
    'bytes' => strlen($adapter->kept),
    'gzip' => strlen(gzencode($adapter->kept, 6)),
    'opcache' => function_exists('opcache_get_status') && opcache_get_status(false) !== false,
]), "\n";
