<?php

declare(strict_types=1);

namespace Magento\Backend\Block\Widget\Tab;

/**
 * A block that can be a tab.
 */
interface TabInterface
{
    /** @return \Stringable|string */
    public function getTabLabel();

    /** @return \Stringable|string */
    public function getTabTitle();

    /** @return bool */
    public function canShowTab();

    /** @return bool */
    public function isHidden();
}
