<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * One customer as the database holds it at one moment of a transaction: plain rows, column => value.
 */
class CustomerSnapshot
{
    /**
     * @param array<string, mixed> $customer row of customer_entity
     * @param list<array<string, mixed>> $addresses rows of customer_address_entity
     * @param list<array<string, mixed>> $subscriptions rows of newsletter_subscriber; a customer may have one per store
     * @param array<string, mixed>|null $group row of customer_group
     * @param array<string, string|null> $attributes values of the attributes that a shop has named, by code
     */
    public function __construct(
        public readonly array $customer,
        public readonly array $addresses = [],
        public readonly array $subscriptions = [],
        public readonly ?array $group = null,
        public readonly array $attributes = []
    ) {
    }
}
