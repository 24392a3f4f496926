<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The payload of InvoiceCreated and InvoiceUpdated: a whole invoice in both currencies, ready to be booked.
 *
 * The row totals of the roles money and both add up to the invoice's subtotal. Amounts are what Magento wrote:
 * grand_total = subtotal + discount_amount (negative) + tax_amount (with the tax of shipping) + shipping_amount +
 * discount_tax_compensation_amount + shipping_discount_tax_compensation_amount + fixed product taxes.
 */
class InvoicePayload
{
    public const CREATED = 'InvoiceCreated';
    public const UPDATED = 'InvoiceUpdated';

    public function __construct(private readonly PaymentFacts $payments)
    {
    }

    /** For use without Magento. */
    public static function standard(): self
    {
        return new self(new PaymentFacts(new PaymentAllowList()));
    }

    /**
     * @return array<string, mixed> what follows the envelope
     * @throws UnbuildablePayload naming table and column, when a value cannot be told exactly
     */
    public function facts(DocumentSnapshot $snapshot): array
    {
        return DocumentFacts::head('invoice', $snapshot)
            + DocumentFacts::lines('invoice', $snapshot, JsonColumn::fixedTaxes(...))
            + [
                'payment' => $this->payments->payment($snapshot->payment),
                'extra' => DocumentFacts::extra('invoice', $snapshot),
            ];
    }
}
