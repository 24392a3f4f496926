<?php

declare(strict_types=1);

/**
 * A server that behaves like Magento's REST: php -S HOST:PORT server.php, with MAGENTO_REST_FOLDER in the environment.
 *
 * It does what the services behind the routes do, read off Magento 2.4's sources and a running shop: validations and
 * their words, rows, their order and their transactions, the module's events among them. Nothing is idempotent.
 */

require dirname(__DIR__, 3) . '/magento_module_stub/framework_standin/autoload.php';

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . "/$class.php";
    if (is_file($file)) {
        require $file;
    }
});

ini_set('display_errors', 'stderr');
ini_set('serialize_precision', '-1');
(new RestServer(new RestDesk((string) getenv('MAGENTO_REST_FOLDER'))))->answer();
