<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Where a change came from, who made it, and the trace that it belongs to.
 */
class Cause
{
    /** The way into the shop that the change took, where nobody knows it. */
    public const ORIGIN_UNKNOWN = 'magento';

    /** What the ERP itself brought about: a fact as any other, which nobody sends back to it. */
    public const ORIGIN_ERP = 'erp';

    public readonly ?string $traceParent;

    /** @var array{type: string, id: int|string|null} */
    public readonly array $actor;

    /** @param array{type: string, id: int|string|null} $actor type is one of Actor::TYPES */
    public function __construct(
        public readonly string $origin = self::ORIGIN_UNKNOWN,
        array $actor = ['type' => Actor::UNKNOWN, 'id' => null],
        ?string $traceParent = null
    ) {
        $this->actor = Actor::of($actor);
        $this->traceParent = TraceParent::accepted($traceParent);
    }
}
