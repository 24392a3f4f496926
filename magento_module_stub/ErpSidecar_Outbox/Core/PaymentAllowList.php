<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Which keys of a payment's additional_information may leave the shop.
 *
 * Payment extensions keep tokens, card data and customer data there, so what is not named is withheld.
 */
class PaymentAllowList
{
    public const DEFAULT_KEYS = ['method_title', 'instructions', 'payable_to', 'mailing_address', 'po_number'];

    /** @var array<string, true> */
    private array $allowed;

    /** @param array<array-key, string> $keys replaced through the module's di.xml where a shop needs more */
    public function __construct(array $keys = self::DEFAULT_KEYS)
    {
        $this->allowed = array_fill_keys($keys, true);
    }

    /**
     * The allowed keys whose values are plain, in the order in which the payment holds them.
     *
     * @param array<array-key, mixed> $information
     * @return array<array-key, scalar|null>
     */
    public function filter(array $information): array
    {
        $named = array_intersect_key($information, $this->allowed);
        $plain = array_filter($named, static fn (mixed $value): bool => $value === null || is_scalar($value));
        return AsciiJson::withoutFloats($plain);
    }
}
