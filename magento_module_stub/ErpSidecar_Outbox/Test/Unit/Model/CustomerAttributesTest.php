<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\CustomerAttributes;
use Magento\Eav\Model\Config;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Select;
use PHPUnit\Framework\TestCase;

class CustomerAttributesTest extends TestCase
{
    private const VARCHAR = ['backend_type' => 'varchar', 'backend_table' => 'm_customer_entity_varchar'];
    private const ATTRIBUTES = ['customer' => [
        'loyalty_number' => ['attribute_id' => 150] + self::VARCHAR,
        'branch' => ['attribute_id' => 151] + self::VARCHAR,
        'erp_number' => ['attribute_id' => 152, 'backend_type' => 'static'],
        'email' => ['attribute_id' => 9, 'backend_type' => 'static'],
    ]];

    public function testWithoutNamesNothingIsRead(): void
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->expects(self::never())->method(self::anything());
        self::assertSame([], $this->attributes($adapter, [])->of(['entity_id' => '7', 'login_token' => 'secret']));
    }

    public function testNamedAttributesAreReadTableByTableAndUnknownOnesLeftOut(): void
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('select')->willReturnCallback(
            static fn (): Select => new Select(static fn (string $value): string => "'$value'")
        );
        $adapter->expects(self::once())->method('fetchAll')->with(self::callback(
            static fn (Select $select): bool => (string) $select === 'SELECT `attribute_id`, `value`'
                . " FROM `m_customer_entity_varchar` WHERE (entity_id = '7') AND (attribute_id IN ('150', '151'))"
        ))->willReturn([['attribute_id' => '150', 'value' => 'L-1']]);

        self::assertSame(
            ['loyalty_number' => 'L-1', 'branch' => null, 'erp_number' => 'D-9'],
            $this->attributes($adapter, ['loyalty_number', 'branch', 'erp_number', 'no_such'])
                ->of(['entity_id' => '7', 'erp_number' => 'D-9'])
        );
    }

    public function testOnlyAColumnOfTheAccountsOwnTableIsAskedForThere(): void
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $attributes = $this->attributes($adapter, ['loyalty_number', 'erp_number', 'email', 'no_such']);
        self::assertSame(['erp_number'], $attributes->columns());
    }

    /** @param list<string> $codes */
    private function attributes(AdapterInterface $adapter, array $codes): CustomerAttributes
    {
        return new CustomerAttributes(
            new ResourceConnection(['default' => $adapter], 'm_'),
            new Config(self::ATTRIBUTES),
            $codes
        );
    }
}
