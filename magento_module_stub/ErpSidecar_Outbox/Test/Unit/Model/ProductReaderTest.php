<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\ExportedAttributes;
use ErpSidecar\Outbox\Model\ProductReader;
use Magento\Eav\Model\Config;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Select;
use Magento\Framework\EntityManager\MetadataPool;
use PHPUnit\Framework\TestCase;

/**
 * What no test on a real table of Magento Open Source shows: values that hang on row_id, and what is not exported.
 */
class ProductReaderTest extends TestCase
{
    /** @var list<string> */
    private array $asked = [];

    public function testInAdobeCommerceValuesHangOnTheRowThatHoldsNow(): void
    {
        $reader = $this->reader('row_id', ['price', 'tier_price'], [
            [['entity_id' => '7', 'row_id' => '70', 'sku' => 'TEE-S', 'attribute_set_id' => '4']],
            [['row_id' => '70', 'attribute_id' => '77', 'store_id' => '0', 'value' => '12.500000']],
            [['row_id' => '70', 'qty' => '10.0000'], ['row_id' => '70', 'qty' => '5.0000']],
        ]);
        $snapshot = $reader->read([7])[7];
        self::assertSame(['price' => [0 => '12.500000']], $snapshot->values);
        self::assertSame(['5.0000', '10.0000'], array_column($snapshot->tierPrices ?? [], 'qty'));
        self::assertNull($snapshot->websiteIds);
        self::assertStringEndsWith("WHERE (entity_id IN ('7')) ORDER BY entity_id FOR UPDATE", $this->asked[0]);
        self::assertStringContainsString("WHERE (row_id IN ('70')) AND (attribute_id IN ('77'))", $this->asked[1]);
        self::assertStringContainsString('FROM `m_catalog_product_entity_tier_price`', $this->asked[2]);
    }

    public function testRowsAreFollowedToTheirProducts(): void
    {
        $reader = $this->reader('row_id', [], [[['entity_id' => '7']]]);
        self::assertSame([7], $reader->productIds(['70', '71']));
        self::assertStringContainsString("WHERE (row_id IN ('70', '71'))", $this->asked[0]);
    }

    public function testWithoutRowsIdsAreProductsAndNothingIsAsked(): void
    {
        $reader = $this->reader('entity_id', [], []);
        self::assertSame([7, 8], $reader->productIds(['7', 8]));
        self::assertSame([], $reader->productIdsOfSkus([]));
        self::assertSame([], $reader->read([]));
        self::assertSame([], $this->asked);
    }

    public function testProductsAreLockedInAscendingOrderFiveHundredAtOnce(): void
    {
        $reader = $this->reader('entity_id', [], [[], []]);
        $reader->read([...range(600, 1), 1]);
        self::assertStringContainsString("(entity_id IN ('1', '2',", $this->asked[0]);
        self::assertStringContainsString("(entity_id IN ('501', '502',", $this->asked[1]);
    }

    public function testAnExportedAttributeThatTheShopLacksIsLeftOut(): void
    {
        $exported = self::exported('', "sku, price\nno_such");
        self::assertSame(['catalog_product_entity_decimal' => [77 => 'price']], $exported->byTable());
        self::assertSame(['sku' => 'sku'], $exported->columns());
    }

    /**
     * @param list<string> $codes
     * @param list<list<array<string, string>>> $answers
     */
    private function reader(string $linkField, array $codes, array $answers): ProductReader
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('select')->willReturnCallback(
            static fn (): Select => new Select(static fn (string $value): string => "'$value'")
        );
        $adapter->method('fetchAll')->willReturnCallback(function (Select $select) use (&$answers): array {
            $this->asked[] = (string) $select;
            return array_shift($answers) ?? [];
        });
        return new ProductReader(
            new ResourceConnection(['default' => $adapter], 'm_'),
            new MetadataPool($linkField),
            self::exported('m_', implode(',', $codes))
        );
    }

    private static function exported(string $tablePrefix, string $codes): ExportedAttributes
    {
        return new ExportedAttributes(
            new Config(\StandinAttributes::under($tablePrefix)),
            new \StandinConfig(
                dirname(__DIR__, 3) . '/etc/config.xml',
                ['erp_sidecar_outbox/catalog/attributes' => $codes]
            )
        );
    }
}
