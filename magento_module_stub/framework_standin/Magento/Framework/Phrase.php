<?php

declare(strict_types=1);

namespace Magento\Framework;

/**
 * A text that may be translated later; the stand-in's __() gives plain text, and makes none.
 */
class Phrase
{
}
