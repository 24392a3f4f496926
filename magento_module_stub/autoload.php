<?php

/**
 * Finds the module's classes where neither Composer nor Magento does: in tests and in the demo's shop.
 */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $prefix = 'ErpSidecar\\Outbox\\';
    $file = __DIR__ . '/ErpSidecar_Outbox/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
    if (str_starts_with($class, $prefix) && is_file($file)) {
        require $file;
    }
});
