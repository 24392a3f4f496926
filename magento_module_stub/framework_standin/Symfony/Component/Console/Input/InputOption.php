<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Input;

/**
 * The kinds of options.
 */
class InputOption
{
    public const VALUE_NONE = 1;
}
