<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * One process of the demonstration's shop.
 *
 *     php shop.php --config FILE --shop 1 --shops 2 --seed 7 --orders 48 [--pace-ms 40] [--patience 12]
 *     php shop.php --config FILE --shop 9 --encore
 *     php shop.php --config FILE --shop 8 --twins [--patience 30]
 *     php shop.php --config FILE --shop 1 --shops 4 --seed 7 --orders 5000 --sale SECONDS
 *
 * FILE holds the database as JSON: host, port, dbname, username, password, prefix. `--orders` counts the orders
 * of all shops together; 0 means without end. The same seed tells the same stories. The encore is two stories more; the
 * twins are two orders of one cart; in a sale many small orders are spread over the seconds.
 */

require __DIR__ . '/../../../magento_module_stub/framework_standin/autoload.php';

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, __NAMESPACE__ . '\\')) {
        require __DIR__ . '/' . substr($class, strlen(__NAMESPACE__) + 1) . '.php';
    }
});

$options = getopt('', ['config:', 'shop:', 'shops:', 'seed:', 'orders:', 'pace-ms:', 'patience:', 'encore', 'twins', 'sale:']);
$number = static fn (string $name, int $default): int => (int) ($options[$name] ?? $default);
$config = json_decode((string) file_get_contents((string) $options['config']), true, 8, JSON_THROW_ON_ERROR);

$shop = $number('shop', 1);
$dice = new Dice($number('seed', 1) * 100 + $shop);
if (isset($options['sale'])) {
    $shops = $number('shops', 1);
    $mine = intdiv($number('orders', 48) + $shops - $shop, $shops);
    (new Sale(new Database($config, $dice), $dice, $shop))->sell($mine, (float) $options['sale']);
    exit;
}
$process = new Shop(new Database($config, $dice), $dice, $shop, $number('pace-ms', 40) * 1_000, $number('patience', 12));
if (isset($options['encore'])) {
    $process->tell(Story::encore());
    exit;
}
if (isset($options['twins'])) {
    $process->tellOfTwins();
    exit;
}
$orders = $number('orders', 48);
do {
    $process->tell(Story::ofShop($shop, $number('shops', 1), $orders ?: count(Story::all()), $dice));
} while ($orders === 0);
