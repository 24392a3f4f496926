<?php

declare(strict_types=1);

/**
 * Makes objects whose methods run through plugins, as the interceptors do that Magento generates.
 *
 * A type that does not exist is passed over, as Magento does where a module was removed.
 */
class StandinInterceptors
{
    /** @var array<string, class-string> */
    private array $generated = [];

    public function __construct(private readonly StandinPlugins $plugins)
    {
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
        $made->standinPlugins = $this->plugins;
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
            $methods .= "public function {$method->getName()}(...\$arguments)$type { {$return}\$this->standinPlugins->call("
                . "\$this, '{$method->getName()}', \$arguments, parent::{$method->getName()}(...)); }\n";
        }
        eval("class $name extends \\$class { public \\StandinPlugins \$standinPlugins;\n$methods}");
        return $name;
    }
}
