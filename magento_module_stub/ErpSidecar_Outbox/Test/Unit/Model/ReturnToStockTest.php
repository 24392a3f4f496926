<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\ReturnToStock;
use ErpSidecar\Outbox\Plugin\RememberReturnToStock;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Sales\Api\Data\CreditmemoCreationArgumentsInterface;
use Magento\Sales\Api\Data\OrderInterface;
use Magento\Sales\Model\AbstractModel;
use Magento\Sales\Model\Order\Creditmemo;
use Magento\Sales\Model\Order\CreditmemoDocumentFactory;
use Magento\Sales\Model\Order\Invoice;
use PHPUnit\Framework\TestCase;

class ReturnToStockTest extends TestCase
{
    public function testTheAdminFormPutsTheWishOnEachItem(): void
    {
        $creditmemo = new Creditmemo(['items' => [self::item(1, true), self::item(2, false)]]);
        self::assertSame([1 => true, 2 => false], self::returnToStock(false)->of($creditmemo));
    }

    public function testAShopThatReturnsEverythingReturnsEverything(): void
    {
        $creditmemo = new Creditmemo(['items' => [self::item(1, null)]]);
        self::assertSame([1 => true], self::returnToStock(true)->of($creditmemo));
    }

    public function testTheWebApiNamesOrderItemsInItsArguments(): void
    {
        $creditmemo = new Creditmemo(['items' => [self::item(1, null), self::item(2, null)]]);
        $plugin = new RememberReturnToStock();
        $order = $this->createMock(OrderInterface::class);
        $factory = new CreditmemoDocumentFactory();
        $arguments = $this->arguments(new class () {
            /** @return list<string> */
            public function getReturnToStockItems(): array
            {
                return ['2'];
            }
        });

        $result = $plugin->afterCreateFromOrder($factory, $creditmemo, $order, [], null, false, $arguments);

        self::assertSame($creditmemo, $result);
        self::assertSame([1 => false, 2 => true], self::returnToStock(false)->of($creditmemo));
        self::assertNull($creditmemo->getAllItems()[1]->getData('back_to_stock'), 'what Magento reads is left alone');
    }

    public function testAShopWithoutTheModuleThatReturnsToStockHasNoSuchArgument(): void
    {
        $creditmemo = new Creditmemo(['items' => [self::item(1, null)]]);
        $plugin = new RememberReturnToStock();
        $factory = new CreditmemoDocumentFactory();

        foreach ([null, $this->arguments(null), $this->arguments(new \stdClass())] as $arguments) {
            $plugin->afterCreateFromInvoice($factory, $creditmemo, new Invoice(), [], null, null, $arguments);
        }

        self::assertSame([1 => false], self::returnToStock(false)->of($creditmemo));
    }

    private function arguments(?object $attributes): CreditmemoCreationArgumentsInterface
    {
        $arguments = $this->createMock(CreditmemoCreationArgumentsInterface::class);
        $arguments->method('getExtensionAttributes')->willReturn($attributes);
        return $arguments;
    }

    private function returnToStock(bool $isAutomatic): ReturnToStock
    {
        $config = $this->createMock(ScopeConfigInterface::class);
        $config->method('isSetFlag')->with('cataloginventory/item_options/auto_return', 'store')
            ->willReturn($isAutomatic);
        return new ReturnToStock($config);
    }

    private static function item(int $orderItemId, ?bool $backToStock): AbstractModel
    {
        return new AbstractModel(['order_item_id' => $orderItemId, 'back_to_stock' => $backToStock]);
    }
}
