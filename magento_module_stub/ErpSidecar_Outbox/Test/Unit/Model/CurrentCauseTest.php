<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\CurrentCause;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\App\Request\Http;
use Magento\Framework\App\State;
use PHPUnit\Framework\TestCase;

class CurrentCauseTest extends TestCase
{
    /** @dataProvider processes */
    public function testTheProcessTellsWhoActs(
        ?int $type,
        ?int $id,
        ?string $area,
        ?int $customer,
        string $origin,
        array $actor
    ): void {
        $context = $this->createMock(UserContextInterface::class);
        $context->method('getUserType')->willReturn($type);
        $context->method('getUserId')->willReturn($id);
        $cause = (new CurrentCause($context, new State($area), new Http()))->of($customer);
        self::assertSame([$origin, $actor], [$cause->origin, $cause->actor]);
    }

    public static function processes(): array
    {
        return [
            'an integration' => [1, 3, 'webapi_rest', null, 'rest', ['type' => 'integration', 'id' => 3]],
            'an admin over REST' => [2, 8, 'webapi_rest', 5, 'rest', ['type' => 'admin', 'id' => 8]],
            'an admin in the panel' => [null, null, 'adminhtml', 5, 'admin', ['type' => 'admin', 'id' => null]],
            'a customer over GraphQL' => [3, 5, 'graphql', 5, 'graphql', ['type' => 'user', 'id' => 5]],
            'a customer in the shop' => [null, null, 'frontend', 5, 'web', ['type' => 'user', 'id' => 5]],
            'a guest' => [4, 0, 'webapi_rest', null, 'rest', ['type' => 'guest', 'id' => null]],
            'cron' => [null, null, 'crontab', 5, 'cron', ['type' => 'cron', 'id' => null]],
            'a command line without an area' => [null, null, null, 5, 'cli', ['type' => 'unknown', 'id' => null]],
        ];
    }
}
