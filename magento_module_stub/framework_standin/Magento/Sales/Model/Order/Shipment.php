<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Magento\Sales\Model\AbstractModel;
use Magento\Sales\Model\SalesDocument;

/**
 * A shipment with its items, tracks and comments, as the save of a real one leaves it.
 */
class Shipment extends SalesDocument
{
    protected const ENTITY_TYPE = 'shipment';

    /** @return list<AbstractModel> */
    public function getAllTracks(): array
    {
        return $this->kept('tracks');
    }
}
