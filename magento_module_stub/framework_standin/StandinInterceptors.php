<?php

declare(strict_types=1);

/**
 * Makes objects whose methods run through plugins, as Magento's generated interceptors do.
 *
 * Plugins on a class, its parents and its interfaces run by sortOrder, the lowest outermost. A type that does not
 * exist is passed over, which is what Magento does where a module was removed. Only `around` plugins are known.
 */
class StandinInterceptors
{
    /** @var array<string, class-string> */
    private array $generated = [];

    public function __construct(
        private readonly \SimpleXMLElement $config,
        private readonly StandinObjectFactory $plugins
    ) {
    }

    /**
     * @template T of object
     * @param class-string<T> $class
     * @param list<mixed> $arguments
     * @return T
     */
    public function make(string $class, array $arguments): object
    {
        $generated = $this->generated[$class] ??= $this->generate($class);
        $made = new $generated(...$arguments);
        $made->standinCall = $this->call(...);
        return $made;
    }

    private function generate(string $class): string
    {
        $name = str_replace('\\', '_', $class) . '_Interceptor';
        $methods = '';
        foreach ((new \ReflectionClass($class))->getMethods(\ReflectionMethod::IS_PUBLIC) as $method) {
            if ($method->isConstructor() || $method->isStatic() || str_starts_with($method->getName(), '__')) {
                continue;
            }
            $type = $method->hasReturnType() ? ': ' . $method->getReturnType() : '';
            $return = $type === ': void' ? '' : 'return ';
            $methods .= "public function {$method->getName()}(...\$arguments)$type { $return(\$this->standinCall)("
                . "\$this, '{$method->getName()}', \$arguments, parent::{$method->getName()}(...)); }\n";
        }
        eval("class $name extends \\$class { public \\Closure \$standinCall;\n$methods}");
        return $name;
    }

    /** @param list<mixed> $arguments */
    private function call(object $subject, string $method, array $arguments, \Closure $original): mixed
    {
        $plugins = $this->pluginsOf($subject);
        $around = 'around' . ucfirst($method);
        $next = $original;
        foreach (array_reverse($plugins) as $plugin) {
            if (method_exists($plugin, $around)) {
                $inner = $next;
                $next = static fn (mixed ...$given): mixed => $plugin->$around($subject, $inner, ...$given);
            }
        }
        return $next(...$arguments);
    }

    /** @return list<object> the outermost first */
    private function pluginsOf(object $subject): array
    {
        $bySortOrder = [];
        foreach ($this->config->type as $type) {
            foreach ($subject instanceof ((string) $type['name']) ? $type->plugin : [] as $plugin) {
                $bySortOrder[(int) $plugin['sortOrder']][] = $this->plugins->get((string) $plugin['type']);
            }
        }
        ksort($bySortOrder);
        return array_merge(...array_values($bySortOrder));
    }
}
