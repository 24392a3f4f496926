<?php

declare(strict_types=1);

/**
 * Places orders in turn with and without the module's outbox write, and prints how long each transaction took.
 *
 * Reads one JSON object: the database's address, how many orders, how many items each, and the statements that
 * place an order. Prints {"with": [microseconds], "without": [microseconds]}.
 *
 * In Magento the order's model is in memory when the module is called. Here it is read from the rows first, in
 * both kinds of transaction and outside of the time that counts.
 */

require dirname(__DIR__, 2) . '/magento_module_stub/framework_standin/autoload.php';

const WARM_UP = 50;

$given = json_decode((string) stream_get_contents(STDIN), true, 64, JSON_THROW_ON_ERROR);
$adapter = new StandinFaultyAdapter($given);
$shop = new StandinShop($adapter);
[$placeOrder, $placeItem, $placeAddress, $placePayment] =
    array_map(static fn (string $sql): string => str_replace('%s', '?', $sql), $given['write']);

$place = static function (int $orderId, bool $captured) use ($adapter, $shop, $given, $placeOrder, $placeItem, $placeAddress, $placePayment): float {
    $began = hrtime(true);
    $adapter->beginTransaction();
    $adapter->query($placeOrder, [$orderId, sprintf('%09d', $orderId)]);
    for ($item = 0; $item < $given['items']; $item++) {
        $adapter->query($placeItem, [$orderId]);
    }
    $adapter->query($placeAddress, [$orderId]);
    $adapter->query($placePayment, [$orderId]);
    $paused = hrtime(true);
    $order = $shop->order($orderId, null);
    $resumed = hrtime(true);
    if ($captured) {
        $shop->dispatch('sales_order_process_relation', $order);
    }
    $adapter->commit();
    return (hrtime(true) - $began - ($resumed - $paused)) / 1000;
};

$times = ['with' => [], 'without' => []];
for ($number = 1 - WARM_UP; $number <= $given['orders']; $number++) {
    $kinds = $number % 2 ? ['with', 'without'] : ['without', 'with'];
    foreach ($kinds as $kind) {
        $orderId = 2 * ($number + WARM_UP) + ($kind === 'with' ? 1 : 0);
        $microseconds = $place($orderId, $kind === 'with');
        if ($number >= 1) {
            $times[$kind][] = $microseconds;
        }
    }
}
if ($shop->log !== []) {
    fwrite(STDERR, json_encode($shop->log[0]));
    exit(1);
}
echo json_encode($times), "\n";
