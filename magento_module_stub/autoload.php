<?php

/**
 * Finds the module's classes where neither Composer nor Magento does: in tests and in the demo's shop.
 */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    [$vendor, $module, $rest] = explode('\\', $class, 3) + ['', '', ''];
    $file = __DIR__ . "/ErpSidecar_$module/" . str_replace('\\', '/', $rest) . '.php';
    if ($vendor === 'ErpSidecar' && is_file($file)) {
        require $file;
    }
});
