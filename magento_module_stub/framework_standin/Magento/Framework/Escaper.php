<?php

declare(strict_types=1);

namespace Magento\Framework;

/**
 * Makes texts harmless in HTML.
 */
class Escaper
{
    /** @param string|\Stringable|null $data */
    public function escapeHtml($data, $allowedTags = null): string
    {
        return htmlspecialchars((string) $data, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8', false);
    }
}
