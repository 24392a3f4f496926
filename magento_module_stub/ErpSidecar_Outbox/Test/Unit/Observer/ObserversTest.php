<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Observer;

use Magento\Framework\DataObject;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Select;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Address;
use Magento\Sales\Model\Order\Invoice;
use Magento\Sales\Model\Order\Payment;
use Magento\Sales\Model\Order\Payment\Transaction;
use Magento\Sales\Model\Order\Shipment\Track;
use Magento\Sales\Model\Order\Status\History;
use PHPUnit\Framework\MockObject\MockObject;
use PHPUnit\Framework\TestCase;

/**
 * The observers as etc/events.xml and etc/di.xml put them together.
 */
class ObserversTest extends TestCase
{
    public function testPlacingAnOrderCostsOneInsertAndNoQuery(): void
    {
        $adapter = $this->adapter();
        $adapter->expects(self::never())->method('select');
        $adapter->expects(self::never())->method('query');
        $adapter->expects(self::once())->method('insert')
            ->with('erp_outbox', self::callback(fn (array $row): bool => self::isToldFromMemory($row)));
        $shop = new \StandinShop($adapter);
        $shop->dispatch('sales_order_save_before', self::order(['entity_id' => null]));
        $shop->dispatch('sales_order_process_relation', self::order());
    }

    private static function isToldFromMemory(array $row): bool
    {
        $payload = json_decode($row['payload'], true);
        self::assertSame('OrderPlaced', $row['type']);
        self::assertSame('0.3000', $payload['order']['grand_total']);
        self::assertSame([1], array_column($payload['items'], 'item_id'));
        self::assertSame('0.0000', $payload['items'][0]['tax_amount']);
        self::assertEquals([], $payload['extra']['order']);
        return true;
    }

    /** @dataProvider savesBeforeWhichTheOrderIsLocked */
    public function testTheOrderIsLockedBeforeItsTransactionWritesARow(string $event, DataObject $saved): void
    {
        $adapter = $this->adapter();
        $adapter->method('getTransactionLevel')->willReturn(1);
        $adapter->expects(self::once())->method('fetchOne')->with(
            self::callback(fn (Select $select): bool => (string) $select
                === "SELECT `entity_id` FROM `m_sales_order` WHERE (entity_id = '42') FOR UPDATE")
        );
        (new \StandinShop($adapter, 'm_'))->dispatch($event, $saved);
    }

    public static function savesBeforeWhichTheOrderIsLocked(): array
    {
        $document = new DataObject(['entity_id' => 7, 'order_id' => '42']);
        return [
            'order' => ['sales_order_save_before', self::order()],
            'invoice' => ['sales_order_invoice_save_before', $document],
            'shipment' => ['sales_order_shipment_save_before', $document],
            'credit memo' => ['sales_order_creditmemo_save_before', $document],
            'track' => ['sales_order_shipment_track_save_before', new Track(['parent_id' => 7, 'order_id' => '42'])],
            'removed track' => ['sales_order_shipment_track_delete_before', new Track(['order_id' => '42'])],
            'transaction' => ['sales_order_payment_transaction_save_before', new Transaction(['order_id' => '42'])],
            'address' => ['sales_order_address_save_before', new Address(['parent_id' => '42'])],
            'payment' => ['sales_order_payment_save_before', new Payment(['parent_id' => '42'])],
            'comment' => ['sales_order_status_history_save_before', new History(['parent_id' => '42'])],
            'comment that has its order only' => [
                'sales_order_status_history_save_before',
                (new History())->setOrder(self::order()),
            ],
        ];
    }

    public function testOutsideATransactionNothingIsLocked(): void
    {
        $adapter = $this->adapter();
        $adapter->method('getTransactionLevel')->willReturn(0);
        $adapter->expects(self::never())->method('fetchOne');
        (new \StandinShop($adapter))->dispatch('sales_order_save_before', self::order());
    }

    public function testAnOrderThatIsPlacedAndSavedAgainInOneRequestIsLockedAndToldAsAnUpdate(): void
    {
        $types = [];
        $adapter = $this->adapter();
        $adapter->method('getTransactionLevel')->willReturn(1);
        $adapter->expects(self::once())->method('fetchOne');
        $adapter->expects(self::exactly(2))->method('insert')->with('erp_outbox', self::callback(
            function (array $row) use (&$types): bool {
                $types[] = $row['type'];
                return true;
            }
        ));
        $shop = new \StandinShop($adapter);
        $order = self::order();

        $shop->dispatch('sales_order_process_relation', $order);
        $shop->dispatch('sales_order_process_relation', $order);

        self::assertSame(['OrderPlaced', 'OrderUpdated'], array_slice($types, 0, 2));
    }

    public function testAFamilyThatIsOffCostsNoStatement(): void
    {
        $adapter = $this->adapter();
        $adapter->method('getTransactionLevel')->willReturn(1);
        $adapter->expects(self::never())->method('fetchOne');
        $adapter->expects(self::never())->method('insert');
        $off = ['erp_sidecar_outbox/families/sales' => '0', 'erp_sidecar_outbox/families/documents' => '0'];
        $shop = new \StandinShop($adapter, '', $off);

        $shop->dispatch('sales_order_save_before', self::order());
        $shop->dispatch('sales_order_process_relation', self::order());
    }

    public function testAnOrderThatIsCollectedInAStoreSaysWhichOne(): void
    {
        $adapter = $this->adapter();
        $adapter->expects(self::once())->method('insert')->with('erp_outbox', self::callback(
            static fn (array $row): bool => json_decode($row['payload'], true)['extra']['order']
                === ['pickup_location_code' => 'shop-1']
        ));
        $attributes = new \StandinExtension(null, 'shop-1');
        $order = new Order(['entity_id' => 42, 'state' => 'new'], extensionAttributes: $attributes);
        (new \StandinShop($adapter))->dispatch('sales_order_process_relation', $order);
    }

    public function testAnOrderThatAnotherObserverSavesWithinItsPlacingIsPlacedOnce(): void
    {
        $types = [];
        $adapter = $this->adapter();
        $adapter->method('getTransactionLevel')->willReturn(1);
        $adapter->method('insert')->willReturnCallback(static function (string $table, array $row) use (&$types): int {
            $types[] = $row['type'];
            return 1;
        });
        $shop = new \StandinShop($adapter);
        $order = self::order(['entity_id' => null]);

        $shop->dispatch('sales_order_save_before', $order);
        $order->setData('entity_id', 42);
        $shop->dispatch('sales_order_save_before', $order);
        $shop->dispatch('sales_order_process_relation', $order);
        $shop->dispatch('sales_order_process_relation', $order);

        self::assertSame(['OrderPlaced', 'OrderUpdated'], $types);
    }

    public function testAnInvoiceCostsItsLockAndOneInsert(): void
    {
        $adapter = $this->adapter();
        $adapter->method('getTransactionLevel')->willReturn(1);
        $adapter->expects(self::once())->method('fetchOne');
        $adapter->expects(self::never())->method('fetchAll');
        $adapter->expects(self::once())->method('insert')->with('erp_outbox', self::callback(
            static fn (array $row): bool => $row['type'] === 'InvoiceCreated'
                && !str_contains($row['payload'], 'payload_error')
        ));
        $shop = new \StandinShop($adapter);
        $invoice = (new Invoice())->setOrder(self::order());

        $shop->dispatch('sales_order_invoice_save_before', $invoice);
        $shop->dispatch('sales_order_invoice_process_relation', $invoice->setData('entity_id', 7));
    }

    public function testAPaidOrderCostsOneInsertForEachEventAndNoQuery(): void
    {
        $types = [];
        $adapter = $this->adapter();
        $adapter->method('getTransactionLevel')->willReturn(1);
        $adapter->expects(self::never())->method('select');
        $adapter->expects(self::never())->method('query');
        $adapter->method('insert')->willReturnCallback(static function (string $table, array $row) use (&$types): int {
            self::assertStringNotContainsString('payload_error', $row['payload']);
            $types[] = $row['type'];
            return 1;
        });
        $shop = new \StandinShop($adapter);
        $order = self::order(['entity_id' => null]);
        $invoice = (new Invoice())->setOrder($order);
        $transaction = new Transaction(['txn_type' => 'capture']);

        $shop->dispatch('sales_order_save_before', $order);
        $order->setData('entity_id', 42);
        $shop->dispatch('sales_order_payment_transaction_save_before', $transaction->setData('order_id', 42));
        $shop->dispatch('sales_order_payment_transaction_save_after', $transaction->setData('transaction_id', 9));
        $shop->dispatch('sales_order_invoice_save_before', $invoice->setData('order_id', 42));
        $shop->dispatch('sales_order_invoice_process_relation', $invoice->setData('entity_id', 7));
        $shop->dispatch('sales_order_process_relation', $order);

        self::assertSame(['OrderPlaced', 'PaymentCaptured', 'InvoiceCreated'], $types);
    }

    private function adapter(): AdapterInterface&MockObject
    {
        $decimal = ['DATA_TYPE' => 'decimal', 'SCALE' => '4', 'DEFAULT' => '0.0000', 'NULLABLE' => true];
        $number = ['DATA_TYPE' => 'int', 'SCALE' => null, 'DEFAULT' => null, 'NULLABLE' => true];
        $text = ['DATA_TYPE' => 'varchar', 'SCALE' => null, 'DEFAULT' => null, 'NULLABLE' => true];
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('describeTable')->willReturnMap([
            ['sales_order', ['entity_id' => $number, 'increment_id' => $text, 'grand_total' => $decimal]],
            ['sales_order_item', ['item_id' => $number, 'tax_amount' => $decimal]],
            ['sales_invoice', ['entity_id' => $number, 'order_id' => $number]],
            ['sales_payment_transaction', ['transaction_id' => $number, 'order_id' => $number]],
        ]);
        $adapter->method('select')->willReturnCallback(
            static fn (): Select => new Select(static fn (string $value): string => "'$value'")
        );
        return $adapter;
    }

    private static function order(array $changed = []): Order
    {
        return new Order(
            $changed + [
                'entity_id' => 42,
                'increment_id' => '000000042',
                'state' => 'new',
                'grand_total' => 0.1 + 0.2,
                'can_send_new_email_flag' => true,
            ],
            null,
            [new DataObject(['item_id' => 1, 'product' => new \stdClass()])]
        );
    }
}
