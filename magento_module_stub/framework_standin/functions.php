<?php

declare(strict_types=1);

/**
 * Magento's one global function: a text that may be translated later.
 */
function __(string $text, mixed ...$arguments): string
{
    return $text;
}
