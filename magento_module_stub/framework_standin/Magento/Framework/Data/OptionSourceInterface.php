<?php

declare(strict_types=1);

namespace Magento\Framework\Data;

/**
 * The choices of a setting.
 */
interface OptionSourceInterface
{
    /** @return list<array{value: mixed, label: mixed}> */
    public function toOptionArray();
}
