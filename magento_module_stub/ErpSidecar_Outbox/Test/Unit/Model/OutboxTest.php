<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\Outbox\Core\Occurrence;
use ErpSidecar\Outbox\Core\OutboxRow;
use ErpSidecar\Outbox\Core\Subject;
use ErpSidecar\Outbox\Model\Outbox;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use PHPUnit\Framework\TestCase;
use Psr\Log\LoggerInterface;

class OutboxTest extends TestCase
{
    public function testARowIsWrittenOnTheSalesConnectionWithTheShopsTablePrefix(): void
    {
        $default = $this->createMock(AdapterInterface::class);
        $sales = $this->createMock(AdapterInterface::class);
        $default->expects(self::never())->method('insert');
        $sales->expects(self::once())->method('insert')->with('shop_erp_outbox', self::row()->toArray());
        $resources = new ResourceConnection(['default' => $default, 'sales' => $sales], 'shop_');
        (new Outbox($resources, $this->createMock(LoggerInterface::class)))->append(self::row());
    }

    public function testAnEventOfAnotherResourceIsWrittenInThatResourcesTransaction(): void
    {
        $default = $this->createMock(AdapterInterface::class);
        $sales = $this->createMock(AdapterInterface::class);
        $default->expects(self::once())->method('insert')->with('erp_outbox', self::row()->toArray());
        $sales->expects(self::never())->method('insert');
        $resources = new ResourceConnection(['default' => $default, 'sales' => $sales]);
        (new Outbox($resources, $this->createMock(LoggerInterface::class)))
            ->append(self::row(), Outbox::DEFAULT_RESOURCE);
    }

    public function testManyEventsAreOneStatementInTheOrderGiven(): void
    {
        $rows = [self::row('{"a":1}'), self::row('{"b":2}'), self::row('{"c":3}')];
        self::assertSame([['{"a":1}', '{"b":2}', '{"c":3}']], $this->statementsFor($rows));
    }

    public function testNoEventsAreNoStatement(): void
    {
        self::assertSame([], $this->statementsFor([]));
    }

    public function testManyEventsThatWouldNotFitTheSmallestPacketAreSeveralStatements(): void
    {
        $long = str_repeat('x', 250_000);
        self::assertSame(
            [[$long], [$long, 'short'], [str_repeat('y', 500_000)], ['last']],
            $this->statementsFor(array_map(self::row(...), [$long, $long, 'short', str_repeat('y', 500_000), 'last']))
        );
    }

    public function testMoreRowsThanPlaceholdersAllowAreSeveralStatements(): void
    {
        $statements = $this->statementsFor(array_fill(0, 1201, self::row()));
        self::assertSame([500, 500, 201], array_map('count', $statements));
    }

    /** @dataProvider errorsThatEndTheTransaction */
    public function testAnErrorOfTheDatabaseIsThrownOn(\Exception $error): void
    {
        $this->expectExceptionObject($error);
        $this->outboxWhoseInsertRaises($error, $this->createMock(LoggerInterface::class))->append(self::row());
    }

    public static function errorsThatEndTheTransaction(): array
    {
        $errors = ['an error without a code' => [new \RuntimeException('no driver behind it')]];
        foreach ([1213, 1205, 1020, 1047, 2006, 2013, 1062, 1406, 1290] as $code) {
            $errors["error $code"] = [self::databaseError($code)];
        }
        return $errors;
    }

    public function testAMissingTableIsLoggedWithTheOrderAndLeavesTheCheckoutOpen(): void
    {
        $logged = [];
        $logger = $this->createMock(LoggerInterface::class);
        $logger->method('critical')->willReturnCallback(
            static function (string $message, array $context) use (&$logged): void {
                $logged[] = [$context['aggregate'], $context['missed_in_this_process']];
            }
        );
        $outbox = $this->outboxWhoseInsertRaises(self::databaseError(1146), $logger);
        $outbox->append(self::row());
        $outbox->append(self::row());
        self::assertSame([['order:42', 1], ['order:42', 2]], $logged);
    }

    public function testATableMissingInASplitDatabaseIsExplained(): void
    {
        $todo = null;
        $logger = $this->createMock(LoggerInterface::class);
        $logger->method('critical')->willReturnCallback(
            static function (string $message, array $context) use (&$todo): void {
                $todo = $context['what_to_do'];
            }
        );
        $default = $this->createMock(AdapterInterface::class);
        $default->method('insert')->willThrowException(self::databaseError(1146));
        $sales = $this->createMock(AdapterInterface::class);
        $resources = new ResourceConnection(['default' => $default, 'sales' => $sales]);
        (new Outbox($resources, $logger))->append(self::row(), Outbox::DEFAULT_RESOURCE);
        self::assertStringStartsWith('Split databases: create erp_outbox on the connection of the resource', $todo);
    }

    /**
     * @param list<OutboxRow> $rows
     * @return list<list<string>> the payloads of each statement
     */
    private function statementsFor(array $rows): array
    {
        $statements = [];
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('insert')->willReturnCallback(
            static function (string $table, array $row) use (&$statements): int {
                $statements[] = [$row['payload']];
                return 1;
            }
        );
        $adapter->method('insertMultiple')->willReturnCallback(
            static function (string $table, array $rows) use (&$statements): int {
                $statements[] = array_column($rows, 'payload');
                return count($rows);
            }
        );
        (new Outbox(new ResourceConnection(['default' => $adapter]), $this->createMock(LoggerInterface::class)))
            ->appendAll($rows);
        return $statements;
    }

    private function outboxWhoseInsertRaises(\Exception $error, LoggerInterface $logger): Outbox
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('insert')->willThrowException($error);
        return new Outbox(new ResourceConnection(['default' => $adapter]), $logger);
    }

    private static function databaseError(int $code): \Exception
    {
        $driver = new \PDOException("General error: $code");
        $driver->errorInfo = ['HY000', $code, 'what the server said'];
        return new \Zend_Db_Statement_Exception($driver->getMessage(), 0, $driver);
    }

    private static function row(string $payload = '{}'): OutboxRow
    {
        $occurrence = new Occurrence('018f3327-5400-7000-8000-000000000000', 1_714_550_400_000_007);
        return new OutboxRow($occurrence, 'OrderPlaced', 1, Subject::order(42, 1), new Cause(), $payload);
    }
}
