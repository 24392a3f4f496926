<?php

declare(strict_types=1);

use Magento\Framework\Exception\InputException;

/**
 * Turns a request's fields into a service's data objects and its results into fields, as Magento's web API does: by
 * getters and setters, and by the types that the interface's annotations name.
 */
class StandinWebApi
{
    /**
     * @param class-string $interface what the service's annotation names
     * @param class-string $class what di.xml prefers for it
     * @param list<array<string, mixed>> $given
     * @return list<object>
     */
    public static function objects(string $interface, string $class, array $given): array
    {
        return array_map(static function (array $fields) use ($interface, $class): object {
            $object = new $class();
            foreach ($fields as $field => $value) {
                $name = str_replace('_', '', ucwords($field, '_'));
                if (!method_exists($interface, "get$name")) {
                    $words = "Property \"$name\" does not have accessor method \"get$name\" in class \"$interface\".";
                    throw new InputException($words);
                }
                $object->{"set$name"}(self::converted($value, self::typeOf($interface, "get$name")));
            }
            return $object;
        }, $given);
    }

    /**
     * A field whose getter may return null is left out where it does.
     *
     * @param class-string $interface
     * @param object[] $results
     * @return list<array<string, mixed>>
     */
    public static function fields(string $interface, array $results): array
    {
        return array_map(static function (object $result) use ($interface): array {
            $fields = [];
            foreach (get_class_methods($interface) as $method) {
                $value = $result->$method();
                if (str_starts_with($method, 'get') && $value !== null) {
                    $name = strtolower((string) preg_replace('/(?<=[a-z])(?=[A-Z])/', '_', substr($method, 3)));
                    $fields[$name] = $value;
                }
            }
            return $fields;
        }, array_values($results));
    }

    private static function typeOf(string $interface, string $getter): string
    {
        $comment = (string) (new \ReflectionMethod($interface, $getter))->getDocComment();
        if (preg_match('/@return (\w+)/', $comment, $found) !== 1) {
            throw new \LogicException("Getter return type must be specified using @return annotation: $getter");
        }
        return $found[1];
    }

    private static function converted(mixed $value, string $type): mixed
    {
        if ($value !== null && (is_array($value) || !settype($value, $type))) {
            throw new InputException("Invalid type for value. Expected Type: \"$type\".");
        }
        return $value;
    }
}
