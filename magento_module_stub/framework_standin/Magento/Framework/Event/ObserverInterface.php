<?php

declare(strict_types=1);

namespace Magento\Framework\Event;

/**
 * What reacts to an event.
 */
interface ObserverInterface
{
    /** @return void */
    public function execute(Observer $observer);
}
