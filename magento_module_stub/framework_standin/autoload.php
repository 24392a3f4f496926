<?php

declare(strict_types=1);

/**
 * Loads the stand-in for the few Magento classes that the module touches, where no Magento is installed.
 *
 * The module itself never asks for this file: in a shop, Magento's own classes are there.
 */

require_once __DIR__ . '/../autoload.php';
require_once __DIR__ . '/functions.php';

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/' . str_replace('\\', '/', $class) . '.php';
    if (is_file($file)) {
        require $file;
    }
});
