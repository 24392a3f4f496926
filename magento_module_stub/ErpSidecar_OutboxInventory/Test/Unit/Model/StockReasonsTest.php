<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Test\Unit\Model;

use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\OutboxInventory\Model\BeingSaved;
use ErpSidecar\OutboxInventory\Model\StockReason;
use ErpSidecar\OutboxInventory\Model\StockReasons;
use Magento\Framework\Model\AbstractModel;
use PHPUnit\Framework\TestCase;

class StockReasonsTest extends TestCase
{
    private BeingSaved $beingSaved;
    private StockReasons $reasons;

    protected function setUp(): void
    {
        $this->beingSaved = new BeingSaved();
        $this->reasons = new StockReasons($this->beingSaved);
    }

    /** @dataProvider people */
    public function testWhoActsIsTheReasonWhereThereIsNoOther(string $origin, array $actor, array $expected): void
    {
        $reason = $this->reasons->of(['A'], null, new Cause($origin, $actor));

        self::assertSame($expected, [$reason->reason, $reason->cause]);
    }

    public static function people(): array
    {
        $by = static fn (string $id): array => ['type' => 'manual', 'id' => $id];
        return [
            ['admin', ['type' => 'admin', 'id' => 3], ['manual', $by('admin:3')]],
            ['rest', ['type' => 'integration', 'id' => 5], ['manual', $by('integration:5')]],
            ['erp', ['type' => 'integration', 'id' => 5], ['correction', $by('integration:5')]],
            ['cron', ['type' => 'cron', 'id' => null], ['correction', $by('cron')]],
            ['cli', ['type' => 'unknown', 'id' => null], ['correction', $by('unknown')]],
        ];
    }

    public function testAReasonHoldsForTheWorkInsideAndThenTheOuterOneAgain(): void
    {
        $told = [];
        $tell = function () use (&$told): void {
            $told[] = $this->reasons->of(['A'], null, new Cause())->reason;
        };
        $cause = ['type' => 'import', 'id' => 'x'];
        $this->reasons->within(new StockReason('import', $cause), function () use ($tell, $cause): void {
            $this->reasons->within(new StockReason('refund', $cause), $tell);
            $tell();
        });
        $tell();

        self::assertSame(['refund', 'import', 'correction'], $told);
    }

    public function testAReasonEndsWithWorkThatFails(): void
    {
        try {
            $this->reasons->within(
                new StockReason('import', ['type' => 'import', 'id' => 'x']),
                static fn () => throw new \RuntimeException('The file is broken.')
            );
        } catch (\RuntimeException $error) {
            self::assertSame('The file is broken.', $error->getMessage());
        }

        self::assertSame('correction', $this->reasons->of(['A'], null, new Cause())->reason);
    }

    public function testADocumentOfAnotherOrderIsNotTheCause(): void
    {
        $shipment = new AbstractModel(['order_id' => 42, 'entity_id' => 17]);
        $this->beingSaved->remember(BeingSaved::SHIPMENT, $shipment);

        $same = $this->reasons->ofSalesEvent('shipment_created', '42');
        $other = $this->reasons->ofSalesEvent('shipment_created', '43');
        $unknown = $this->reasons->ofSalesEvent('order_placed', '');

        self::assertSame(['shipment', ['type' => 'shipment', 'id' => '17']], [$same->reason, $same->cause]);
        self::assertSame(['shipment', ['type' => 'order', 'id' => '43']], [$other->reason, $other->cause]);
        self::assertSame(['order', ['type' => 'order', 'id' => 'unknown']], [$unknown->reason, $unknown->cause]);
    }

    public function testAProductThatKeepsItsSkuIsNoReason(): void
    {
        $product = new AbstractModel(['entity_id' => 5, 'sku' => 'A'], ['sku' => 'A']);
        $new = new AbstractModel(['entity_id' => 6, 'sku' => 'A']);

        foreach ([$product, $new] as $saved) {
            $this->beingSaved->remember(BeingSaved::PRODUCT, $saved);
            self::assertSame('correction', $this->reasons->of(['A'], null, new Cause())->reason);
        }
    }

    public function testAProductOfAnotherTypeThanBeforeIsTheCauseOfTheRemovalOfItsStock(): void
    {
        $product = new AbstractModel(['entity_id' => 5, 'sku' => 'A', 'type_id' => 'bundle'], ['sku' => 'A']);
        $this->beingSaved->remember(BeingSaved::PRODUCT, $product);

        $reason = $this->reasons->ofRemoval(['A']);

        self::assertSame(['deletion', ['type' => 'product', 'id' => '5']], [$reason->reason, $reason->cause]);
    }

    public function testWhatIsBeingSavedIsNotKeptAlive(): void
    {
        $this->beingSaved->remember(BeingSaved::PRODUCT, new AbstractModel(['entity_id' => 5]));

        self::assertNull($this->beingSaved->last(BeingSaved::PRODUCT));
    }
}
