<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of PaymentCaptured and PaymentTransactionSaved: one transaction with the payment provider.
 *
 * PaymentCaptured is a transaction of the type capture when it is written first; every other save, also one that
 * closes it, is PaymentTransactionSaved. The shop keeps no amount with a transaction: `payment` has the sums so far.
 * Payments without a provider have no transactions; there the invoice's state 2 (paid) says that money came.
 */
class TransactionPayload
{
    public const CAPTURED = 'PaymentCaptured';
    public const SAVED = 'PaymentTransactionSaved';
    private const CAPTURE = 'capture';

    public function __construct(private readonly PaymentFacts $payments)
    {
    }

    /** For use without Magento. */
    public static function standard(): self
    {
        return new self(new PaymentFacts(new PaymentAllowList()));
    }

    public static function type(?string $txnType, bool $isNew): string
    {
        return $isNew && $txnType === self::CAPTURE ? self::CAPTURED : self::SAVED;
    }

    /**
     * @param array<string, mixed> $transaction row of sales_payment_transaction
     * @param array<string, mixed>|null $payment row of sales_order_payment
     * @param array<string, mixed> $order row of sales_order
     * @param array<string, mixed>|null $store
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function facts(array $transaction, ?array $payment, array $order, ?array $store): array
    {
        return [
            'store' => StoreFacts::of($store),
            'order' => OrderIdentity::of($order),
            'transaction' => $this->payments->transaction($transaction),
            'payment' => $this->payments->payment($payment),
        ];
    }
}
