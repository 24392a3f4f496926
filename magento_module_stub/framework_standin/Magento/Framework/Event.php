<?php

declare(strict_types=1);

namespace Magento\Framework;

/**
 * A dispatched event and its data.
 */
class Event extends DataObject
{
}
