<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\CustomerChange;
use ErpSidecar\Outbox\Core\CustomerPayload;
use ErpSidecar\Outbox\Core\CustomerSnapshot;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class CustomerPayloadTest extends TestCase
{
    private const ROW = [
        'entity_id' => '7', 'website_id' => '1', 'store_id' => '1', 'group_id' => '1', 'email' => 'jane@example.com',
        'is_active' => '1', 'updated_at' => '2024-05-01 08:00:00', 'password_hash' => 'secret', 'rp_token' => 'secret',
        'login_service_token' => 'secret', 'dob' => '1980-02-29',
    ];

    public function testSecretsAndUnknownColumnsStayInTheShop(): void
    {
        $told = self::saved(new CustomerSnapshot(
            self::ROW,
            [['entity_id' => '3', 'street' => "1 Main St\nApt 2", 'door_code' => 'secret']],
            [['subscriber_id' => '9', 'subscriber_status' => '1', 'subscriber_confirm_code' => 'secret']]
        ));
        self::assertStringNotContainsString('secret', (string) json_encode($told));
        self::assertSame(['1 Main St', 'Apt 2'], $told['addresses'][0]['street']);
        self::assertSame(1, $told['newsletter'][0]['subscriber_status']);
        self::assertSame([7, '1980-02-29'], [$told['customer']['entity_id'], $told['customer']['dob']]);
    }

    public function testAnAccountWhoseStoreAndGroupAreGoneIsToldWithoutThem(): void
    {
        $told = self::saved(new CustomerSnapshot(self::ROW));
        self::assertSame([null, null], [$told['store'], $told['group']]);
        self::assertEquals(new \stdClass(), $told['custom_attributes']);
    }

    public function testAValueThatNoColumnHoldsIsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        $this->expectExceptionMessage('customer.group_id: ');
        self::saved(new CustomerSnapshot(['group_id' => 'first'] + self::ROW));
    }

    public function testADeletedAccountIsToldByItsIdsAlone(): void
    {
        self::assertSame(
            ['customer' => ['entity_id' => 7, 'website_id' => 1, 'store_id' => 1]],
            (new CustomerPayload())->deleted(self::ROW)
        );
    }

    /** @dataProvider changes */
    public function testOnlyWhatAnErpMayKnowIsAChange(bool $expected, array $changed, array $attributes = []): void
    {
        $before = new CustomerSnapshot(self::ROW, attributes: ['loyalty_number' => null]);
        $after = new CustomerSnapshot($changed + self::ROW, attributes: $attributes + ['loyalty_number' => null]);
        self::assertSame($expected, CustomerChange::isBetween($before, $after));
    }

    public static function changes(): array
    {
        return [
            'nothing' => [false, []],
            'the time of saving' => [false, ['updated_at' => '2024-05-02 08:00:00']],
            'a reset token' => [false, ['rp_token' => 'another']],
            'an unknown column' => [false, ['login_service_token' => 'another']],
            'empty where nothing was' => [false, ['taxvat' => '']],
            'the group' => [true, ['group_id' => '2']],
            'the default address' => [true, ['default_billing' => '3']],
            'a named attribute' => [true, [], ['loyalty_number' => 'L-1']],
        ];
    }

    public function testANewAccountIsAChange(): void
    {
        self::assertTrue(CustomerChange::isBetween(null, new CustomerSnapshot(self::ROW)));
    }

    private static function saved(CustomerSnapshot $snapshot): array
    {
        return (new CustomerPayload())->saved($snapshot, null, 'eu');
    }
}
