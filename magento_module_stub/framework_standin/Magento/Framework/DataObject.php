<?php

declare(strict_types=1);

namespace Magento\Framework;

/**
 * Data behind magic getters and setters, like Magento's: getFooBar() reads the key foo_bar.
 */
class DataObject
{
    /** @param array<string, mixed> $data */
    public function __construct(protected array $data = [])
    {
    }

    public function getData(string $key = ''): mixed
    {
        return $key === '' ? $this->data : $this->data[$key] ?? null;
    }

    public function setData(string $key, mixed $value): static
    {
        $this->data[$key] = $value;
        return $this;
    }

    /** @param list<mixed> $arguments */
    public function __call(string $method, array $arguments): mixed
    {
        $key = strtolower((string) preg_replace('/(.)([A-Z])/', '$1_$2', substr($method, 3)));
        return match (substr($method, 0, 3)) {
            'get' => $this->getData($key),
            'set' => $this->setData($key, $arguments[0] ?? null),
            default => throw new \BadMethodCallException("No method $method in the framework stand-in."),
        };
    }
}
