<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Plugin;

use ErpSidecar\Outbox\Core\OrderStatus;
use ErpSidecar\Outbox\Plugin\KeepErpWordsFromShoppers;
use Magento\Framework\DataObject;
use Magento\Sales\Model\Order\Status;
use Magento\Store\Model\StoreManagerInterface;
use PHPUnit\Framework\TestCase;

class KeepErpWordsFromShoppersTest extends TestCase
{
    private const STORE_VIEW = 3;

    public function testAShopperDoesNotReadThatTheErpRefusesTheOrder(): void
    {
        $elsewhere = [1 => 'In Arbeit'];

        self::assertSame('Processing', $this->shown(['status' => 'erp_rejected', 'store_labels' => $elsewhere]));
    }

    public function testTheWordsThatTheMerchantGaveAStoreViewAreShownThere(): void
    {
        $labels = [self::STORE_VIEW => 'We are on it'];

        self::assertSame('The label', $this->shown(['status' => 'erp_rejected', 'store_labels' => $labels]));
    }

    public function testOtherStatusesAreLeftAlone(): void
    {
        self::assertSame('The label', $this->shown(['status' => 'complete']));
    }

    public function testEveryStandardStatusIsKeptFromShoppers(): void
    {
        $codes = array_map(static fn (OrderStatus $status): string => $status->code, OrderStatus::standard());

        self::assertSame($codes, array_values(self::declared()));
    }

    /** @param array<string, mixed> $status */
    private function shown(array $status): string
    {
        $stores = $this->createMock(StoreManagerInterface::class);
        $stores->method('getStore')->willReturn(new DataObject(['id' => (string) self::STORE_VIEW]));
        $plugin = new KeepErpWordsFromShoppers($stores, self::declared());
        return (string) $plugin->afterGetStoreLabel(new Status($status), 'The label');
    }

    /** @return array<string, string> the codes of etc/di.xml */
    private static function declared(): array
    {
        $config = new \SimpleXMLElement((string) file_get_contents(__DIR__ . '/../../../etc/di.xml'));
        $codes = [];
        foreach ($config->type as $type) {
            if ((string) $type['name'] === KeepErpWordsFromShoppers::class) {
                foreach ($type->arguments->argument->item as $item) {
                    $codes[(string) $item['name']] = (string) $item;
                }
            }
        }
        return $codes;
    }
}
