<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Where a change came from, who made it, and the trace that it belongs to.
 */
class Cause
{
    /** The way into the shop that the change took. */
    public const ORIGIN_UNKNOWN = 'magento';

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
        $wellFormed = preg_match('/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/D', $traceParent ?? '') === 1;
        $this->traceParent = $wellFormed ? $traceParent : null;
    }
}
