<?php

declare(strict_types=1);

/**
 * Magento's one global function: a text that may be translated later, %1 and %2 in it standing for the arguments.
 */
function __(string $text, mixed ...$arguments): string
{
    $places = array_map(static fn (int $number): string => '%' . ($number + 1), array_keys(array_values($arguments)));
    return strtr($text, array_combine($places, array_map(strval(...), array_values($arguments))));
}
