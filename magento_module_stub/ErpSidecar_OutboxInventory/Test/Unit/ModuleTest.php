<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Test\Unit;

use PHPUnit\Framework\TestCase;

/**
 * Where the inventory modules were removed, this one still compiles and its observers still run.
 */
class ModuleTest extends TestCase
{
    private const ALWAYS_THERE = '/^(ErpSidecar|Magento\\\\(Framework|Catalog|ImportExport|Sales))\\\\/';

    /** @dataProvider classes */
    public function testNoConstructorAsksForAnInventoryClass(string $class): void
    {
        $foreign = [];
        foreach ((new \ReflectionClass($class))->getConstructor()?->getParameters() ?? [] as $parameter) {
            $type = $parameter->getType();
            if ($type instanceof \ReflectionNamedType && !$type->isBuiltin()) {
                $foreign[] = preg_match(self::ALWAYS_THERE, $type->getName()) === 1 ? null : $type->getName();
            }
        }

        self::assertSame([], array_values(array_filter($foreign)));
        self::assertStringNotContainsString('Magento\\Inventory', implode(' ', class_implements($class) ?: []));
        self::assertFalse(get_parent_class($class));
    }

    /** @dataProvider plugins */
    public function testAPluginIsMadeForAMethodThatItsClassHas(string $type, string $plugin): void
    {
        $methods = array_filter(
            get_class_methods($plugin),
            static fn (string $method): bool => str_starts_with($method, 'around')
        );

        self::assertCount(1, $methods);
        foreach ($methods as $method) {
            self::assertTrue(method_exists($type, lcfirst(substr($method, strlen('around')))));
        }
    }

    public static function classes(): array
    {
        $classes = [];
        foreach (['Model', 'Plugin', 'Observer'] as $folder) {
            foreach (glob(dirname(__DIR__, 2) . "/$folder/*.php") ?: [] as $file) {
                $name = basename($file, '.php');
                $classes["$folder\\$name"] = ["ErpSidecar\\OutboxInventory\\$folder\\$name"];
            }
        }
        return $classes;
    }

    public static function plugins(): array
    {
        $config = new \SimpleXMLElement((string) file_get_contents(dirname(__DIR__, 2) . '/etc/di.xml'));
        $plugins = [];
        foreach ($config->type as $type) {
            $plugins[(string) $type->plugin['name']] = [(string) $type['name'], (string) $type->plugin['type']];
        }
        return $plugins;
    }
}
