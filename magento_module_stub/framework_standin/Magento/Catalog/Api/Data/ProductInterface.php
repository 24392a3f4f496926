<?php

declare(strict_types=1);

namespace Magento\Catalog\Api\Data;

/**
 * A product; here only its name, by which its metadata are asked for.
 */
interface ProductInterface
{
}
