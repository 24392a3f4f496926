<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order\Shipment;

use Magento\Sales\Model\AbstractModel;

/**
 * A tracking number of a shipment.
 */
class Track extends AbstractModel
{
}
