<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Input;

/**
 * What was typed.
 */
interface InputInterface
{
    /** @return mixed */
    public function getOption(string $name);

    /** @return mixed */
    public function getArgument(string $name);
}
