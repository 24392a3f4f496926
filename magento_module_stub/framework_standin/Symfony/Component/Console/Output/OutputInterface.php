<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Output;

/**
 * Where a command writes.
 */
interface OutputInterface
{
    /** @param string|iterable<string> $messages */
    public function writeln($messages, int $options = 0);
}
