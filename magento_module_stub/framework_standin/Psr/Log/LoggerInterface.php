<?php

declare(strict_types=1);

namespace Psr\Log;

/**
 * The one level of a log that the module writes.
 */
interface LoggerInterface
{
    /** @param array<string, mixed> $context */
    public function critical(string|\Stringable $message, array $context = []): void;
}
