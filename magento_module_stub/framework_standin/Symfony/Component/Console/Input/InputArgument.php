<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Input;

/**
 * The kinds of arguments.
 */
class InputArgument
{
    public const REQUIRED = 1;
    public const OPTIONAL = 2;
    public const IS_ARRAY = 4;
}
