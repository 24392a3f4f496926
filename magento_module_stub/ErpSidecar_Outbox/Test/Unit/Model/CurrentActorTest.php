<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\CurrentActor;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\App\State;
use Magento\Sales\Model\Order;
use PHPUnit\Framework\TestCase;

class CurrentActorTest extends TestCase
{
    /** @dataProvider processes */
    public function testTheProcessTellsWhoActs(?int $type, ?int $id, ?string $area, ?int $customer, array $actor): void
    {
        $context = $this->createMock(UserContextInterface::class);
        $context->method('getUserType')->willReturn($type);
        $context->method('getUserId')->willReturn($id);
        $order = new Order(['entity_id' => 42, 'customer_id' => $customer]);
        self::assertSame($actor, (new CurrentActor($context, new State($area)))->whoChanged($order));
    }

    public static function processes(): array
    {
        return [
            'an integration' => [1, 3, 'webapi_rest', null, ['type' => 'integration', 'id' => 3]],
            'an admin over REST' => [2, 8, 'webapi_rest', 5, ['type' => 'admin', 'id' => 8]],
            'an admin in the panel' => [null, null, 'adminhtml', 5, ['type' => 'admin', 'id' => null]],
            'a customer over GraphQL' => [3, 5, 'graphql', 5, ['type' => 'user', 'id' => 5]],
            'a customer in the shop' => [null, null, 'frontend', 5, ['type' => 'user', 'id' => 5]],
            'a guest' => [4, 0, 'webapi_rest', null, ['type' => 'guest', 'id' => null]],
            'cron' => [null, null, 'crontab', 5, ['type' => 'cron', 'id' => null]],
            'a command line without an area' => [null, null, null, 5, ['type' => 'unknown', 'id' => null]],
        ];
    }
}
