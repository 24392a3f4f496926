<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use Magento\Catalog\Model\Product;
use Magento\Eav\Model\Config;
use Magento\Eav\Model\Entity\Attribute\AbstractAttribute;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\Exception\LocalizedException;

/**
 * Which attributes of a product a shop exports, and where their values lie.
 *
 * The sidecar's blueprint names them under exports.products; the shop's configuration repeats them, so that a save of
 * anything else costs nothing. `erp-sidecar blueprint check` says how to set it, and the doctor compares the two.
 * Beside attribute codes two names stand for what is no attribute's value: website_ids and tier_price.
 */
class ExportedAttributes
{
    public const WEBSITES = 'website_ids';
    public const TIER_PRICES = 'tier_price';

    private const PATH = 'erp_sidecar_outbox/catalog/attributes';

    /** @var list<string> */
    private readonly array $codes;

    /** @var array<string, array<int, string>>|null */
    private ?array $byTable = null;

    /** @var array<string, string> columns of catalog_product_entity */
    private array $columns = [];

    public function __construct(private readonly Config $eav, ScopeConfigInterface $config)
    {
        $named = preg_split('/[\s,]+/', (string) $config->getValue(self::PATH), -1, PREG_SPLIT_NO_EMPTY);
        $this->codes = array_values(array_unique($named ?: []));
    }

    /** @return list<string> as the shop's configuration names them */
    public function codes(): array
    {
        return $this->codes;
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
            foreach ($this->codes as $code) {
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
