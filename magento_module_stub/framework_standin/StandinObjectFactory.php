<?php

declare(strict_types=1);

/**
 * Makes the module's objects as Magento's object manager would: from constructor types and etc/di.xml.
 *
 * So a constructor that Magento could not satisfy, or a preference that is missing, fails here as well.
 */
class StandinObjectFactory
{
    private readonly \SimpleXMLElement $config;

    /** @param array<class-string, object> $made what is not the module's to make, by class or interface */
    public function __construct(string $diXml, private array $made)
    {
        $this->config = new \SimpleXMLElement((string) file_get_contents($diXml));
    }

    /** One object of the class for all who ask, made on the first request. */
    public function get(string $class): object
    {
        return $this->made[$class] ??= $this->make($this->preferenceFor($class));
    }

    private function make(string $class): object
    {
        $configured = $this->argumentsFor($class);
        $arguments = [];
        foreach ((new \ReflectionClass($class))->getConstructor()?->getParameters() ?? [] as $parameter) {
            $type = $parameter->getType();
            $arguments[] = match (true) {
                isset($configured[$parameter->getName()]) => $configured[$parameter->getName()],
                $parameter->isDefaultValueAvailable() => $parameter->getDefaultValue(),
                $type instanceof \ReflectionNamedType && !$type->isBuiltin() => $this->get($type->getName()),
                default => throw new \LogicException("Nothing is known of $class's \${$parameter->getName()}."),
            };
        }
        return new $class(...$arguments);
    }

    private function preferenceFor(string $class): string
    {
        foreach ($this->config->preference as $preference) {
            if ((string) $preference['for'] === $class) {
                return (string) $preference['type'];
            }
        }
        return $class;
    }

    /** @return array<string, array<string, string>> the array arguments of a type and its parents; a proxy is made whole */
    private function argumentsFor(string $class): array
    {
        $types = [$class, ...array_values(class_parents($class) ?: [])];
        $arguments = [];
        foreach ($this->config->type as $type) {
            $given = in_array((string) $type['name'], $types, true) ? $type->arguments->argument : null;
            foreach ($given ?? [] as $argument) {
                foreach ($argument->item as $item) {
                    $arguments[(string) $argument['name']][(string) $item['name']] = (string) $item;
                }
            }
        }
        return $arguments;
    }
}
