<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\ProductSnapshot;
use Magento\Catalog\Api\Data\ProductInterface;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\EntityManager\MetadataPool;

/**
 * Reads what a shop exports of products from the catalog's tables, inside the transaction that changes them.
 *
 * Prices, mass updates and imports are written by SQL, with no model that knows them, and a model knows values
 * merged over the stores. So what changed is told by what the tables say before and after. Nothing of this runs in
 * a shopper's request. In Adobe Commerce values hang on row_id, the version of a product; Magento itself adds to
 * each SELECT of products which version holds now.
 */
class ProductReader
{
    /** The resource, and so the connection, that Magento's catalog is saved on. */
    public const RESOURCE = 'catalog';

    private const AT_ONCE = 500;

    public function __construct(
        private readonly ResourceConnection $resources,
        private readonly MetadataPool $metadata,
        private readonly ExportedAttributes $exported
    ) {
    }

    /**
     * The products of these ids that there are. Their rows are locked, in ascending order, so that the events of one
     * product commit in the order of their ids; call it before the transaction writes anything of them.
     *
     * @param list<int> $productIds
     * @return array<int, ProductSnapshot> by id, ascending
     */
    public function read(array $productIds): array
    {
        $productIds = array_values(array_unique($productIds));
        sort($productIds);
        $snapshots = [];
        foreach (array_chunk($productIds, self::AT_ONCE) as $some) {
            $snapshots += $this->readSome($some);
        }
        return $snapshots;
    }

    /**
     * @param list<int|string> $linkIds what values hang on: entity ids, or row ids in Adobe Commerce
     * @return list<int> product ids
     */
    public function productIds(array $linkIds): array
    {
        return $this->linkField() === 'entity_id'
            ? array_map('intval', array_values($linkIds))
            : $this->idsWhere($this->linkField(), $linkIds);
    }

    /**
     * @param list<string> $skus
     * @return list<int> product ids
     */
    public function productIdsOfSkus(array $skus): array
    {
        return $this->idsWhere('sku', $skus);
    }

    /**
     * @param list<int|string> $valueIds keys of tier prices
     * @return list<int> product ids
     */
    public function productIdsOfTierPrices(array $valueIds): array
    {
        $linkField = $this->linkField();
        $rows = $this->rows('catalog_product_entity_tier_price', [$linkField], 'value_id', $valueIds);
        return $this->productIds(array_column($rows, $linkField));
    }

    public function linkField(): string
    {
        return (string) $this->metadata->getMetadata(ProductInterface::class)->getLinkField();
    }

    /**
     * @param list<int> $productIds
     * @return array<int, ProductSnapshot>
     */
    private function readSome(array $productIds): array
    {
        $linkField = $this->linkField();
        $columns = $this->exported->columns()
            + array_combine($own = ['entity_id', $linkField, 'sku', 'type_id', 'attribute_set_id'], $own);
        $products = array_column(
            $this->rows('catalog_product_entity', array_values($columns), 'entity_id', $productIds, true),
            null,
            $linkField
        );
        $values = $this->values(array_keys($products), $linkField);
        $websites = !$this->exported->exports(ExportedAttributes::WEBSITES)
            ? null
            : $this->rows('catalog_product_website', ['product_id', 'website_id'], 'product_id', $productIds);
        $tierPrices = !$this->exported->exports(ExportedAttributes::TIER_PRICES)
            ? null
            : $this->tierPrices(array_keys($products), $linkField);
        $snapshots = [];
        foreach ($products as $linkId => $product) {
            $id = (int) $product['entity_id'];
            $static = array_map(
                static fn (mixed $value): array => [0 => $value === null ? null : (string) $value],
                array_intersect_key($product, $this->exported->columns())
            );
            $snapshots[$id] = new ProductSnapshot(
                $product,
                $static + ($values[$linkId] ?? []),
                $websites === null ? null : self::websiteIds($websites, $id),
                $tierPrices === null ? null : $tierPrices[$linkId] ?? []
            );
        }
        return $snapshots;
    }

    /**
     * @param list<int|string> $linkIds
     * @return array<int|string, array<string, array<int, string|null>>> link id => code => store id => value
     */
    private function values(array $linkIds, string $linkField): array
    {
        $values = [];
        foreach ($linkIds === [] ? [] : $this->exported->byTable() as $table => $codes) {
            $connection = $this->resources->getConnection(self::RESOURCE);
            $select = $connection->select()
                ->from($this->tableName($table), [$linkField, 'attribute_id', 'store_id', 'value'])
                ->where("$linkField IN (?)", $linkIds)
                ->where('attribute_id IN (?)', array_keys($codes))
                ->order('store_id');
            foreach ($connection->fetchAll($select) as $row) {
                $code = $codes[(int) $row['attribute_id']];
                $value = $row['value'] === null ? null : (string) $row['value'];
                $values[$row[$linkField]][$code][(int) $row['store_id']] = $value;
            }
        }
        return $values;
    }

    /**
     * @param list<int|string> $linkIds
     * @return array<int|string, list<array<string, mixed>>> by link id
     */
    private function tierPrices(array $linkIds, string $linkField): array
    {
        $columns = [$linkField, 'website_id', 'all_groups', 'customer_group_id', 'qty', 'value', 'percentage_value'];
        $tierPrices = [];
        foreach ($this->rows('catalog_product_entity_tier_price', $columns, $linkField, $linkIds) as $row) {
            $tierPrices[$row[$linkField]][] = $row;
        }
        foreach ($tierPrices as &$ofOne) {
            sort($ofOne);
        }
        return $tierPrices;
    }

    /**
     * @param list<array<string, mixed>> $rows
     * @return list<int>
     */
    private static function websiteIds(array $rows, int $productId): array
    {
        $ids = [];
        foreach ($rows as $row) {
            if ((int) $row['product_id'] === $productId) {
                $ids[] = (int) $row['website_id'];
            }
        }
        sort($ids);
        return $ids;
    }

    /**
     * @param list<int|string> $values
     * @return list<int>
     */
    private function idsWhere(string $column, array $values): array
    {
        return array_map('intval', array_column(
            $this->rows('catalog_product_entity', ['entity_id'], $column, $values),
            'entity_id'
        ));
    }

    /**
     * @param list<string> $columns
     * @param list<int|string> $values
     * @return list<array<string, mixed>>
     */
    private function rows(string $table, array $columns, string $where, array $values, bool $locked = false): array
    {
        if ($values === []) {
            return [];
        }
        $connection = $this->resources->getConnection(self::RESOURCE);
        $select = $connection->select()
            ->from($this->tableName($table), $columns)
            ->where("$where IN (?)", $values)
            ->order($where);
        return $connection->fetchAll($select->forUpdate($locked));
    }

    /** An attribute's own table may be named with the prefix or without it; Magento adds it once. */
    private function tableName(string $table): string
    {
        return $this->resources->getTableName($table, self::RESOURCE);
    }
}
