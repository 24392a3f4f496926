<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Catalog\Model\Product;
use Magento\Eav\Model\Config;
use Magento\Eav\Model\Entity\Attribute\AbstractAttribute;
use Magento\Framework\Exception\LocalizedException;

/**
 * Which attributes of a product a shop exports, and where their values lie: etc/di.xml names them.
 *
 * Beside attribute codes two names stand for what is no attribute's value: website_ids and tier_price.
 */
class ExportedAttributes
{
    public const WEBSITES = 'website_ids';
    public const TIER_PRICES = 'tier_price';

    /** @var array<string, array<int, string>>|null */
    private ?array $byTable = null;

    /** @var array<string, string> columns of catalog_product_entity */
    private array $columns = [];

    /** @param array<array-key, string> $codes added to, or blanked, in a di.xml of a shop's own module */
    public function __construct(private readonly Config $eav, private readonly array $codes = [])
    {
    }

    public function exports(string $code): bool
    {
        return in_array($code, $this->codes, true);
    }

    /** @return array<string, array<int, string>> backend table => attribute id => code */
    public function byTable(): array
    {
        if ($this->byTable === null) {
            $this->byTable = [];
            foreach (array_filter($this->codes) as $code) {
                $this->place($code);
            }
        }
        return $this->byTable;
    }

    /** @return array<string, string> columns of catalog_product_entity that are exported; code => code */
    public function columns(): array
    {
        $this->byTable();
        return $this->columns;
    }

    private function place(string $code): void
    {
        $attribute = $code === self::TIER_PRICES ? null : $this->attribute($code);
        if ($attribute === null) {
            return;
        }
        if ($attribute->isStatic()) {
            $this->columns[$code] = $code;
        } else {
            $this->byTable[(string) $attribute->getBackendTable()][(int) $attribute->getAttributeId()] = $code;
        }
    }

    /** An attribute that the shop lacks is no failure: `cost` is one in some. */
    private function attribute(string $code): ?AbstractAttribute
    {
        try {
            $attribute = $this->eav->getAttribute(Product::ENTITY, $code);
        } catch (LocalizedException) {
            return null;
        }
        return $attribute instanceof AbstractAttribute && $attribute->getAttributeId() ? $attribute : null;
    }
}
