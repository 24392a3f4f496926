<?php

declare(strict_types=1);

namespace Magento\Catalog\Model;

use Magento\Catalog\Api\Data\ProductInterface;
use Magento\Framework\Model\AbstractModel;

/**
 * A product as its save has it.
 */
class Product extends AbstractModel implements ProductInterface
{
    public const ENTITY = 'catalog_product';
}
