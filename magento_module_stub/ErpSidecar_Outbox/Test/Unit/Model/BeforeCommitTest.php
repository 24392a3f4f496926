<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\BeforeCommit;
use ErpSidecar\Outbox\Plugin\RunBeforeCommit;
use Magento\Framework\DB\Adapter\AdapterInterface;
use PHPUnit\Framework\TestCase;

class BeforeCommitTest extends TestCase
{
    /** @var list<string> */
    private array $written = [];

    public function testEachNameIsWrittenOnceInTheOrderInWhichItCameFirst(): void
    {
        [$beforeCommit, $adapter] = [new BeforeCommit(), $this->adapterAt(1)];
        foreach (['a', 'b', 'a'] as $number => $name) {
            $beforeCommit->add($adapter, $name, fn () => $this->written[] = "$name$number");
        }
        $plugin = new RunBeforeCommit($beforeCommit);
        $plugin->beforeCommit($adapter);
        $plugin->beforeCommit($adapter);
        self::assertSame(['a2', 'b1'], $this->written);
    }

    /** @dataProvider levelsAtWhichNothingIsWritten */
    public function testOnlyTheOutermostCommitWrites(int $level): void
    {
        [$beforeCommit, $adapter] = [new BeforeCommit(), $this->adapterAt($level)];
        $beforeCommit->add($adapter, 'a', fn () => $this->written[] = 'a');
        (new RunBeforeCommit($beforeCommit))->beforeCommit($adapter);
        self::assertSame([], $this->written);
        self::assertNotNull($beforeCommit->find($adapter, 'a'));
    }

    public static function levelsAtWhichNothingIsWritten(): array
    {
        return ['no transaction' => [0], 'nested' => [2]];
    }

    public function testARollbackOfTheOutermostTransactionForgets(): void
    {
        [$beforeCommit, $inner, $outer] = [new BeforeCommit(), $this->adapterAt(1), $this->adapterAt(0)];
        $plugin = new RunBeforeCommit($beforeCommit);
        $beforeCommit->add($inner, 'a', fn () => $this->written[] = 'a');
        $beforeCommit->add($outer, 'a', fn () => $this->written[] = 'a');
        $plugin->afterRollBack($inner, $inner);
        self::assertNotNull($beforeCommit->find($inner, 'a'));
        self::assertSame($outer, $plugin->afterRollBack($outer, $outer));
        self::assertNull($beforeCommit->find($outer, 'a'));
        self::assertSame(1, $beforeCommit->rollbacks());
    }

    public function testWhatFailsIsTheCommitsFailureAndIsNotTriedAgain(): void
    {
        [$beforeCommit, $adapter] = [new BeforeCommit(), $this->adapterAt(1)];
        $failure = new \RuntimeException('deadlock');
        $beforeCommit->add($adapter, 'a', static fn () => throw $failure);
        $raised = [];
        for ($i = 0; $i < 2; $i++) {
            try {
                (new RunBeforeCommit($beforeCommit))->beforeCommit($adapter);
            } catch (\RuntimeException $error) {
                $raised[] = $error;
            }
        }
        self::assertSame([$failure], $raised);
    }

    public function testEachConnectionHasItsOwn(): void
    {
        [$beforeCommit, $one, $other] = [new BeforeCommit(), $this->adapterAt(1), $this->adapterAt(1)];
        $beforeCommit->add($one, 'a', fn () => $this->written[] = 'one');
        $beforeCommit->run($other);
        self::assertSame([], $this->written);
    }

    private function adapterAt(int $level): AdapterInterface
    {
        $adapter = $this->createMock(AdapterInterface::class);
        $adapter->method('getTransactionLevel')->willReturn($level);
        return $adapter;
    }
}
