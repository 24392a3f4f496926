<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Command;

use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * A command as far as its name, its options and its run go.
 */
class Command
{
    private string $name = '';
    private string $description = '';

    /** @var array<string, mixed> option => its mode */
    private array $options = [];

    public function __construct(?string $name = null)
    {
        $this->configure();
    }

    protected function configure()
    {
    }

    protected function execute(InputInterface $input, OutputInterface $output)
    {
        throw new \LogicException('You must override the execute() method in the concrete command class.');
    }

    public function run(InputInterface $input, OutputInterface $output): int
    {
        return $this->execute($input, $output);
    }

    public function setName(string $name): static
    {
        $this->name = $name;
        return $this;
    }

    public function getName(): ?string
    {
        return $this->name;
    }

    public function setDescription(string $description): static
    {
        $this->description = $description;
        return $this;
    }

    public function getDescription(): string
    {
        return $this->description;
    }

    public function addOption(
        string $name,
        $shortcut = null,
        ?int $mode = null,
        string $description = '',
        $default = null
    ): static {
        $this->options[$name] = $mode;
        return $this;
    }

    public function addArgument(
        string $name,
        ?int $mode = null,
        string $description = '',
        $default = null
    ): static {
        return $this;
    }

    /** @return list<string> */
    public function optionNames(): array
    {
        return array_keys($this->options);
    }
}
