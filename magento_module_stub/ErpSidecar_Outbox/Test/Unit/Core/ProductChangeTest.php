<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\ProductChange;
use ErpSidecar\Outbox\Core\ProductPayload;
use ErpSidecar\Outbox\Core\ProductSnapshot;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class ProductChangeTest extends TestCase
{
    private const ROW = ['entity_id' => '7', 'attribute_set_id' => '4', 'sku' => 'TEE-S', 'type_id' => 'simple'];

    /** @dataProvider changes */
    public function testOnlyWhatDiffersIsTold(array $before, array $after, array $expected): void
    {
        $change = ProductChange::between(self::snapshot($before), self::snapshot($after));
        self::assertSame($expected, $change->values);
        self::assertSame($expected === [], $change->isNone());
    }

    public static function changes(): array
    {
        return [
            'nothing' => [['name' => [0 => 'Tee']], ['name' => [0 => 'Tee']], []],
            'a value' => [
                ['name' => [0 => 'Tee', 1 => 'Hemd']],
                ['name' => [0 => 'Cap', 1 => 'Hemd']],
                ['name' => [0 => 'Cap']],
            ],
            'a store of its own' => [
                ['name' => [0 => 'Tee']],
                ['name' => [0 => 'Tee', 1 => 'Tee']],
                ['name' => [1 => 'Tee']],
            ],
            'a store no more' => [
                ['name' => [0 => 'Tee', 1 => 'Hemd']],
                ['name' => [0 => 'Tee']],
                ['name' => [1 => null]],
            ],
            'an attribute gone' => [['cost' => [0 => '1.0']], [], ['cost' => [0 => null]]],
            'an attribute new' => [[], ['cost' => [0 => '1.0']], ['cost' => [0 => '1.0']]],
            'a value that is nothing' => [['cost' => [0 => '1.0']], ['cost' => [0 => null]], ['cost' => [0 => null]]],
        ];
    }

    public function testWebsitesAndTierPricesAreToldWholeWhereTheyChanged(): void
    {
        $before = new ProductSnapshot(self::ROW, [], [1], [['qty' => '1.0000']]);
        $change = ProductChange::between($before, new ProductSnapshot(self::ROW, [], [1, 2], []));
        self::assertSame([[1, 2], [], false], [$change->websiteIds, $change->tierPrices, $change->isNone()]);
        self::assertTrue(ProductChange::between($before, $before)->isNone());
    }

    public function testOfAProductThatWasNotThereEverythingIsTold(): void
    {
        $change = ProductChange::between(null, self::snapshot(['name' => [0 => 'Tee']]));
        self::assertSame([true, false], [$change->isComplete, $change->isNone()]);
        self::assertTrue(ProductChange::between(null, self::snapshot([]))->isComplete);
    }

    public function testAValueThatNoColumnHoldsIsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        $this->expectExceptionMessage('product.attribute_set_id: ');
        $change = ProductChange::between(null, self::snapshot([]));
        (new ProductPayload())->updated(['attribute_set_id' => 'four'] + self::ROW, $change);
    }

    private static function snapshot(array $values): ProductSnapshot
    {
        return new ProductSnapshot(self::ROW, $values, null, null);
    }
}
