<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\PayloadLimit;
use Magento\Framework\App\ResourceConnection;

/**
 * What the shop's own server takes: its max_allowed_packet, and what the column payload (MEDIUMTEXT) holds.
 *
 * A packet that is too big is answered with error 1153 and a closed connection, which ends the checkout's
 * transaction. So the server is asked: once in a process, and only when a payload is unusually long.
 */
class ServerPayloadLimit implements PayloadLimit
{
    private const MEDIUMTEXT_BYTES = 16_777_215;

    /** For the statement's own text and its other columns. */
    private const OVERHEAD_BYTES = 16_384;

    private ?int $bytes = null;

    public function __construct(private readonly ResourceConnection $resources)
    {
    }

    public function bytes(): int
    {
        return $this->bytes ??= self::fitting($this->packetBytes());
    }

    /** The server's max_allowed_packet. */
    public function packetBytes(): int
    {
        return (int) $this->resources->getConnection(Outbox::RESOURCE)->fetchOne('SELECT @@max_allowed_packet');
    }

    /** The longest payload for a packet: Magento's adapter puts values into the statement, each byte maybe escaped. */
    private static function fitting(int $packetBytes): int
    {
        return max(self::ALWAYS_FITS, min(self::MEDIUMTEXT_BYTES, intdiv($packetBytes - self::OVERHEAD_BYTES, 2)));
    }
}
