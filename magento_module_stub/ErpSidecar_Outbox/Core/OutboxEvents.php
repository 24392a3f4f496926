<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Makes outbox rows of what happened: the door into this pure core, with no Magento behind it.
 *
 * Stands alone: OutboxEvents::standard()->event(OrderChange::PLACED, Subject::order(42, 1), new Cause(), $facts)
 * ->toArray() is the row to insert, in the transaction that changed the order and after locking its sales_order
 * row; $facts is fn () => OrderPayload::standard()->facts($snapshot).
 */
class OutboxEvents
{
    public const SCHEMA_VERSION = 1;

    public function __construct(
        private readonly UuidV7 $ids,
        private readonly Clock $clock,
        private readonly PayloadLimit $limit
    ) {
    }

    /** With the host's clock and random source, for use without Magento. */
    public static function standard(): self
    {
        return new self(new UuidV7(new SystemRandomness()), new SystemClock(), new UsualPayloadLimit());
    }

    /**
     * The event, always: where its facts cannot be told, one that says why.
     *
     * Such a payload has `payload_error` and what is known in place of the facts, and the sidecar reads the rest
     * from the shop's tables. So odd data costs a checkout nothing and is not lost either. A failure of the
     * database is no odd data: it leaves the transaction in doubt, and is thrown on.
     *
     * @param callable(): array<string, mixed> $facts what follows the envelope, ready for AsciiJson::encode
     * @param array<string, int|string|null> $known ids that say which rows the event is about, beyond its subject
     */
    public function event(string $type, Subject $subject, Cause $cause, callable $facts, array $known = []): OutboxRow
    {
        $now = $this->clock->microseconds();
        $occurrence = new Occurrence($this->ids->at($now), $now);
        $envelope = [
            'event_id' => $occurrence->eventId,
            'type' => $type,
            'schema_version' => self::SCHEMA_VERSION,
            'occurred_at' => $occurrence->isoTime(),
            'origin' => $cause->origin,
            'actor' => $cause->actor,
        ];
        try {
            $payload = AsciiJson::encode($envelope + $facts());
            $this->refuseOversize($payload);
        } catch (\Throwable $error) {
            if (DatabaseFailure::isBehind($error)) {
                throw $error;
            }
            $payload = AsciiJson::encode($envelope + [
                'subject' => ['type' => $subject->type, 'id' => $subject->id],
                'known' => (object) $known,
                'payload_error' => self::sentence($error),
            ]);
        }
        return new OutboxRow($occurrence, $type, self::SCHEMA_VERSION, $subject, $cause, $payload);
    }

    private function refuseOversize(string $payload): void
    {
        $length = strlen($payload);
        if ($length > PayloadLimit::ALWAYS_FITS && $length > $this->limit->bytes()) {
            throw new UnbuildablePayload(
                "The payload has $length bytes; at most {$this->limit->bytes()} are written."
            );
        }
    }

    /** Our own words as they are; another extension's may quote a customer, so only its class is named. */
    private static function sentence(\Throwable $error): string
    {
        return $error instanceof UnbuildablePayload
            ? substr((string) preg_replace('/[^\x20-\x7e]+/', '?', $error->getMessage()), 0, 500)
            : 'The data could not be read: ' . $error::class . '.';
    }
}
