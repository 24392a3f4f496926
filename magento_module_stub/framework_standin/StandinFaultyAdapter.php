<?php

declare(strict_types=1);

use Magento\Framework\DB\Adapter\Pdo\Mysql;

/**
 * An adapter whose next insert fails with a server's error that one machine cannot bring about.
 */
class StandinFaultyAdapter extends Mysql
{
    private ?int $nextError = null;

    /** @var (\Closure(string, callable): mixed)|null calls a method with its plugins */
    private ?\Closure $interceptor = null;

    /** @param \Closure(string, callable): mixed $interceptor in a shop, generated code stands in its place */
    public function interceptWith(\Closure $interceptor): void
    {
        $this->interceptor = $interceptor;
    }

    public function commit()
    {
        $commit = fn (): mixed => parent::commit();
        return $this->interceptor === null ? $commit() : ($this->interceptor)('commit', $commit);
    }

    public function rollBack()
    {
        $rollBack = fn (): mixed => parent::rollBack();
        return $this->interceptor === null ? $rollBack() : ($this->interceptor)('rollBack', $rollBack);
    }

    public function failNextInsert(int $code): void
    {
        $this->nextError = $code;
    }

    public function insert($table, array $bind)
    {
        $this->failIfTold();
        return parent::insert($table, $bind);
    }

    public function insertMultiple($table, array $data)
    {
        $this->failIfTold();
        return parent::insertMultiple($table, $data);
    }

    private function failIfTold(): void
    {
        if ($this->nextError === null) {
            return;
        }
        $driver = new \PDOException('SQLSTATE[HY000]: General error: ' . $this->nextError);
        $driver->errorInfo = ['HY000', $this->nextError, 'as if the server had said so'];
        $this->nextError = null;
        throw new \Zend_Db_Statement_Exception($driver->getMessage(), 0, $driver);
    }
}
