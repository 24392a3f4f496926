<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * A payment and its transactions as an event may tell them: never a card number, never a token.
 */
class PaymentFacts
{
    public function __construct(private readonly PaymentAllowList $allowList)
    {
    }

    /**
     * @param array<string, mixed>|null $payment row of sales_order_payment
     * @return array<string, mixed>|null
     */
    public function payment(?array $payment): ?array
    {
        return $payment === null ? null : Row::of('payment', $payment) + $this->allowed($payment);
    }

    /**
     * @param array<string, mixed> $transaction row of sales_payment_transaction
     * @return array<string, mixed>
     */
    public function transaction(array $transaction): array
    {
        return Row::of('transaction', $transaction) + $this->allowed($transaction);
    }

    /**
     * @param array<string, mixed> $row
     * @return array{additional_information: object}
     */
    private function allowed(array $row): array
    {
        $information = $row['additional_information'] ?? null;
        $decoded = is_string($information) && $information !== '' ? AsciiJson::decode($information) : $information;
        return ['additional_information' => (object) $this->allowList->filter(is_array($decoded) ? $decoded : [])];
    }
}
