<?php

declare(strict_types=1);

/**
 * What Magento answers where a call fails: a status, a message, and what stands for its %1 or %name.
 */
class RestError extends \Exception
{
    /** @param array<array-key, string> $parameters */
    public function __construct(public readonly int $status, string $message, public readonly array $parameters = [])
    {
        parent::__construct($message);
    }

    public static function refused(string $message, string ...$parameters): self
    {
        return new self(400, $message, $parameters);
    }

    /** @param list<string> $messages of a validation, which Magento puts together itself */
    public static function invalid(string $document, array $messages): self
    {
        return new self(400, "$document Document Validation Error(s):\n" . implode("\n", $messages));
    }

    public static function unknownEntity(): self
    {
        return new self(404, "The entity that was requested doesn't exist. Verify the entity and try again.");
    }
}
