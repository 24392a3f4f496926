<?php

declare(strict_types=1);

use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * A terminal in which one command was typed with some options and arguments; keeps what it prints.
 */
class StandinTerminal implements InputInterface, OutputInterface
{
    public string $printed = '';

    /**
     * @param list<string> $options
     * @param array<string, string|list<string>> $arguments
     */
    public function __construct(private readonly array $options, private readonly array $arguments = [])
    {
    }

    public function getArgument(string $name)
    {
        return $this->arguments[$name] ?? null;
    }

    public function getOption(string $name)
    {
        return in_array($name, $this->options, true);
    }

    public function writeln($messages, int $options = 0)
    {
        foreach (is_string($messages) ? [$messages] : $messages as $line) {
            $this->printed .= $line . "\n";
        }
    }
}
