<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\ServerPayloadLimit;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use PHPUnit\Framework\TestCase;

class ServerPayloadLimitTest extends TestCase
{
    /** @dataProvider packets */
    public function testAPayloadMayFillHalfAPacketAndIsNeverLongerThanItsColumn(int $packet, int $bytes): void
    {
        self::assertSame($bytes, $this->limitOfServerWith($packet)->bytes());
    }

    public static function packets(): array
    {
        return [
            'a very small one' => [1_048_576, 516_096],
            'MySQL 5.7' => [4_194_304, 2_088_960],
            'MariaDB' => [16_777_216, 8_380_416],
            'MySQL 8' => [67_108_864, 16_777_215],
            'none worth the name' => [1024, 400_000],
        ];
    }

    public function testTheServerIsAskedOnce(): void
    {
        $limit = $this->limitOfServerWith(16_777_216);
        $limit->bytes();
        self::assertSame(8_380_416, $limit->bytes());
    }

    private function limitOfServerWith(int $packet): ServerPayloadLimit
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->expects(self::once())->method('fetchOne')->willReturn((string) $packet);
        return new ServerPayloadLimit(new ResourceConnection(['default' => $adapter]));
    }
}
