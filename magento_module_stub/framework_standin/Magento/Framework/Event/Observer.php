<?php

declare(strict_types=1);

namespace Magento\Framework\Event;

use Magento\Framework\DataObject;
use Magento\Framework\Event;

/**
 * What an observer is given.
 */
class Observer extends DataObject
{
    public function getEvent(): Event
    {
        return $this->getData('event');
    }
}
