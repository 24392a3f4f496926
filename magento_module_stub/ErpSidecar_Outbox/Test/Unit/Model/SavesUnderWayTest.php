<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\SavesUnderWay;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Invoice;
use Magento\Sales\Model\Order\Payment;
use Magento\Sales\Model\Order\Shipment;
use PHPUnit\Framework\TestCase;

class SavesUnderWayTest extends TestCase
{
    private int $level = 1;

    public function testAnOrderIsBeingPlacedFromItsFirstSaveUntilItsLastRow(): void
    {
        $saves = $this->saves();
        $order = new Order([]);
        $saves->begin($order);
        $order->setData('entity_id', 42);
        self::assertSame($order, $saves->placing(42));
        self::assertNull($saves->placing(43));
        $saves->end($order);
        self::assertNull($saves->placing(42));
    }

    public function testAnOrderThatIsSavedAgainIsNotBeingPlaced(): void
    {
        $saves = $this->saves();
        $order = new Order(['entity_id' => 42], ['entity_id' => 42]);
        $saves->begin($order);
        self::assertNull($saves->placing(42));
        $this->level = 2;
        self::assertTrue($saves->isUnderWay($order));
    }

    public function testWhatBelongsToANewOrderWaitsForIt(): void
    {
        $saves = $this->saves();
        $order = new Order([]);
        $saves->begin($order);
        $order->setData('entity_id', 42);
        $said = new \ArrayObject();
        $say = static fn (string $what): \Closure => static function () use ($said, $what): void {
            $said[] = $what;
        };
        $saves->afterPlacing(42, $say('captured'));
        $saves->afterPlacing(42, $say('invoiced'));
        $saves->afterPlacing(43, $say('another order'));
        self::assertSame(['another order'], $said->getArrayCopy());
        $saves->end($order);
        $saves->afterPlacing(42, $say('later'));
        self::assertSame(['another order', 'captured', 'invoiced', 'later'], $said->getArrayCopy());
    }

    public function testWhatWaitedForAnOrderThatFailedGoesWithIt(): void
    {
        $saves = $this->saves();
        $order = new Order([]);
        $saves->begin($order);
        $order->setData('entity_id', 42);
        $saves->afterPlacing(42, static fn () => self::fail('its order was never written'));
        unset($order);
        self::assertNull($saves->placing(42));
    }

    public function testTheFirstSaveOfADocumentIsToldOnce(): void
    {
        $saves = $this->saves();
        $invoice = new Invoice();
        $saves->begin($invoice);
        $invoice->setData('entity_id', 7);
        self::assertTrue($saves->isFirst($invoice));
        $saves->end($invoice);
        self::assertFalse($saves->isFirst($invoice));
        self::assertFalse($saves->isFirst(new Invoice(['entity_id' => 8], ['entity_id' => 8])));
    }

    public function testADocumentThatWasNeverLoadedButHasAnIdIsPartial(): void
    {
        $saves = $this->saves();
        $partial = new Invoice(['entity_id' => 7]);
        $loaded = new Invoice(['entity_id' => 8], ['entity_id' => 8]);
        $saves->begin($partial);
        $saves->begin($loaded);
        self::assertSame([true, false], [$saves->isPartial($partial), $saves->isPartial($loaded)]);
        self::assertFalse($saves->isFirst($partial));
    }

    public function testADocumentThatThisRequestHasWrittenIsNotPartialWhenItIsSavedAgain(): void
    {
        $saves = $this->saves();
        $invoice = new Invoice();
        $saves->begin($invoice);
        $invoice->setData('entity_id', 7);
        $saves->end($invoice);
        $saves->begin($invoice);
        self::assertFalse($saves->isPartial($invoice));
    }

    public function testAPartialDocumentStaysPartial(): void
    {
        $saves = $this->saves();
        $invoice = new Invoice(['entity_id' => 7]);
        $saves->begin($invoice);
        $saves->end($invoice);
        self::assertTrue($saves->isPartial($invoice));
    }

    public function testANewOrderThatAnObserverSavesAgainIsStillBeingPlaced(): void
    {
        $saves = $this->saves();
        $order = new Order([]);
        $saves->begin($order);
        $order->setData('entity_id', 42);
        $saves->begin($order);
        self::assertSame($order, $saves->placing(42));
        self::assertFalse($saves->isPartial($order));
    }

    public function testAPartIsWithinItsOrdersSaveOnlyWhileThatLasts(): void
    {
        $saves = $this->saves();
        $order = new Order(['entity_id' => 42], ['entity_id' => 42]);
        $payment = (new Payment(['entity_id' => 3]))->setOrder($order);
        self::assertFalse($saves->isWithinItsOrder($payment));
        $saves->begin($order);
        $this->level = 2;
        self::assertTrue($saves->isWithinItsOrder($payment));
        self::assertFalse($saves->isWithinItsOrder(new Payment(['entity_id' => 4])));
        $saves->end($order);
        self::assertFalse($saves->isWithinItsOrder($payment));
    }

    public function testAPartThatIsSavedAfterItsOrdersSaveHasFailedIsSavedAlone(): void
    {
        $saves = $this->saves();
        $order = new Order(['entity_id' => 42], ['entity_id' => 42]);
        $saves->begin($order);
        self::assertFalse($saves->isWithinItsOrder((new Payment(['entity_id' => 3]))->setOrder($order)));
    }

    public function testTheTracksOfANewShipmentAreToldFromLaterOnes(): void
    {
        $saves = $this->saves();
        $shipment = new Shipment();
        $saves->begin($shipment);
        $shipment->setData('entity_id', 8);
        self::assertTrue($saves->isCreatingShipment(8));
        self::assertFalse($saves->isCreatingShipment(9));
        $saves->end($shipment);
        self::assertFalse($saves->isCreatingShipment(8));
    }

    private function saves(): SavesUnderWay
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('getTransactionLevel')->willReturnCallback(fn (): int => $this->level);
        return new SavesUnderWay(new ResourceConnection(['default' => $adapter]));
    }
}
