<?php

declare(strict_types=1);

/**
 * Calls a method of a class of Magento with the plugins that etc/di.xml hangs on it, as Magento's interceptors do.
 *
 * Before-methods come first and may change the arguments; around-methods wrap the call; after-methods are given
 * its result and the arguments. A plugin of an interface or a parent holds for the class as well.
 */
class StandinPlugins
{
    public function __construct(
        private readonly \SimpleXMLElement $config,
        private readonly StandinObjectFactory $objects
    ) {
    }

    /** @param list<mixed> $arguments */
    public function call(object $subject, string $method, array $arguments, callable $original): mixed
    {
        $plugins = $this->pluginsOf($subject);
        $named = static fn (string $when): array => array_filter(
            $plugins,
            static fn (object $plugin): bool => method_exists($plugin, $when . ucfirst($method))
        );
        foreach ($named('before') as $plugin) {
            $arguments = $plugin->{'before' . ucfirst($method)}($subject, ...$arguments) ?? $arguments;
        }
        $call = $original;
        foreach (array_reverse($named('around')) as $plugin) {
            $inner = $call;
            $call = static fn (mixed ...$given): mixed
                => $plugin->{'around' . ucfirst($method)}($subject, $inner, ...$given);
        }
        $result = $call(...$arguments);
        foreach ($named('after') as $plugin) {
            $result = $plugin->{'after' . ucfirst($method)}($subject, $result, ...$arguments);
        }
        return $result;
    }

    /** @return list<object> */
    private function pluginsOf(object $subject): array
    {
        $plugins = [];
        foreach ($this->config->type as $type) {
            $class = (string) $type['name'];
            foreach ($subject instanceof $class ? $type->plugin : [] as $plugin) {
                $plugins[] = $this->objects->get((string) $plugin['type']);
            }
        }
        return $plugins;
    }
}
