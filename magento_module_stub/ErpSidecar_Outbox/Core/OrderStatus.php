<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * An order status that says what an ERP says, and the states of an order that it may stand in.
 */
class OrderStatus
{
    public const STATES = [
        'new',
        'pending_payment',
        'payment_review',
        'processing',
        'complete',
        'closed',
        'canceled',
        'holded',
    ];

    /**
     * @param list<string> $states
     * @throws \InvalidArgumentException a sentence for the person who typed them
     */
    public function __construct(
        public readonly string $code,
        public readonly string $label,
        public readonly array $states
    ) {
        if (preg_match('/^[a-z][a-z0-9_]{0,31}$/D', $code) !== 1) {
            throw new \InvalidArgumentException(
                "The code '$code' must be up to 32 of a-z, 0-9 and _, a letter first: the table cuts a longer one off."
            );
        }
        if (trim($label) === '' || preg_match('/^.{1,128}$/Dsu', $label) !== 1) {
            throw new \InvalidArgumentException('The label must have from 1 to 128 characters.');
        }
        if ($states === []) {
            throw new \InvalidArgumentException('Name at least one state of ' . implode(', ', self::STATES) . '.');
        }
        foreach (array_diff($states, self::STATES) as $unknown) {
            throw new \InvalidArgumentException(
                "No state is called '$unknown'; there are " . implode(', ', self::STATES) . '.'
            );
        }
    }

    /**
     * The statuses of the lifecycle map that the sidecar's example blueprint has.
     *
     * @return list<self>
     */
    public static function standard(): array
    {
        $underWay = ['new', 'processing'];
        return [
            new self('erp_accepted', 'ERP: accepted', $underWay),
            new self('erp_awaiting_approval', 'ERP: awaiting approval', $underWay),
            new self('erp_credit_hold', 'ERP: credit hold', $underWay),
            new self('erp_blocked', 'ERP: blocked', $underWay),
            new self('erp_posted', 'ERP: posted', $underWay),
            new self('erp_partly_delivered', 'ERP: partly delivered', $underWay),
            new self('erp_delivered', 'ERP: delivered', $underWay),
            new self('erp_invoiced', 'ERP: invoiced', $underWay),
            new self('erp_closed', 'ERP: closed', $underWay),
            new self('erp_rejected', 'ERP: rejected', [...$underWay, 'complete']),
        ];
    }
}
