<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\AsciiJson;
use ErpSidecar\Outbox\Core\CommentPayload;
use ErpSidecar\Outbox\Core\TrackPayload;
use ErpSidecar\Outbox\Core\TransactionPayload;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class TransactionPayloadTest extends TestCase
{
    private const ORDER = ['entity_id' => '42', 'increment_id' => '000000042', 'protect_code' => 'secret'];

    public function testOnlyANewCaptureIsPaymentCaptured(): void
    {
        self::assertSame('PaymentCaptured', TransactionPayload::type('capture', true));
        self::assertSame('PaymentTransactionSaved', TransactionPayload::type('capture', false));
        self::assertSame('PaymentTransactionSaved', TransactionPayload::type('authorization', true));
        self::assertSame('PaymentTransactionSaved', TransactionPayload::type(null, true));
    }

    public function testNoSecretOfATransactionOrItsPaymentLeavesTheShop(): void
    {
        $row = ['transaction_id' => '9', 'txn_id' => 'T-1',
            'additional_information' => ['raw_details_info' => ['token' => 'secret'], 'method_title' => 'Card']];
        $payment = ['entity_id' => '3', 'cc_number_enc' => 'secret', 'amount_paid' => '24.6300'];
        $told = TransactionPayload::standard()->facts($row, $payment, self::ORDER, null);
        self::assertEquals((object) ['method_title' => 'Card'], $told['transaction']['additional_information']);
        self::assertSame('24.6300', $told['payment']['amount_paid']);
        self::assertStringNotContainsString('secret', AsciiJson::encode($told));
    }

    public function testWhatBelongsToNoOrderIsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        $this->expectExceptionMessage('The order that it belongs to is not there.');
        (new CommentPayload())->facts(['entity_id' => '4'], [], null);
    }

    public function testATrackNamesItsShipmentAndItsOrder(): void
    {
        $shipment = ['entity_id' => '7', 'increment_id' => '000000007', 'shipping_label' => 'secret'];
        $told = (new TrackPayload())->facts(['entity_id' => '5', 'weight' => '1.5'], $shipment, self::ORDER, null);
        self::assertSame(['entity_id' => 7, 'increment_id' => '000000007'], $told['shipment']);
        self::assertSame([5, '1.5000'], [$told['track']['entity_id'], $told['track']['weight']]);
        self::assertStringNotContainsString('secret', AsciiJson::encode($told));
    }

    public function testACommentNamesItsOrder(): void
    {
        $told = (new CommentPayload())->facts(['entity_id' => '4', 'comment' => 'Grüße'], self::ORDER, null);
        self::assertSame(['000000042', 'Grüße'], [$told['order']['increment_id'], $told['comment']['comment']]);
    }
}
