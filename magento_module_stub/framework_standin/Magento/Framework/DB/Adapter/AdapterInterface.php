<?php

declare(strict_types=1);

namespace Magento\Framework\DB\Adapter;

use Magento\Framework\DB\Select;

/**
 * The part of Magento's database adapter that the module and the demo's shop use.
 */
interface AdapterInterface
{
    public const ERROR_ASYMMETRIC_COMMIT_MESSAGE = 'Asymmetric transaction commit.';
    public const ERROR_ASYMMETRIC_ROLLBACK_MESSAGE = 'Asymmetric transaction rollback.';
    public const ERROR_ROLLBACK_INCOMPLETE_MESSAGE = 'Rolled back transaction has not been completed correctly.';

    /** @return $this */
    public function beginTransaction();

    /** @return $this */
    public function commit();

    /** @return $this */
    public function rollBack();

    /** @return int */
    public function getTransactionLevel();

    /** @return Select */
    public function select();

    /**
     * @param string|Select $sql
     * @param mixed $bind
     * @return \PDOStatement
     */
    public function query($sql, $bind = []);

    /**
     * @param string|Select $sql
     * @param mixed $bind
     * @return list<array<string, string|null>>
     */
    public function fetchAll($sql, $bind = []);

    /**
     * @param string|Select $sql
     * @param mixed $bind
     * @return array<string, string|null>|false
     */
    public function fetchRow($sql, $bind = []);

    /**
     * @param string|Select $sql
     * @param mixed $bind
     * @return string|null|false
     */
    public function fetchOne($sql, $bind = []);

    /**
     * @param string $table
     * @param array<string, mixed> $bind
     * @return int rows inserted
     */
    public function insert($table, array $bind);

    /**
     * @param string $table
     * @param list<array<string, mixed>> $data rows with the same columns
     * @return int rows inserted
     */
    public function insertMultiple($table, array $data);

    /**
     * @param string $table
     * @param array<string, mixed>|string $where as update
     * @return int rows deleted
     */
    public function delete($table, $where = '');

    /**
     * @param mixed $value
     * @param string|int|null $type
     * @return string
     */
    public function quote($value, $type = null);

    /**
     * @param string $table
     * @param array<string, mixed> $bind
     * @param array<string, mixed> $where condition with one question mark => value
     * @return int rows that matched and differed
     */
    public function update($table, array $bind, $where = []);

    /** @return string */
    public function lastInsertId();

    /**
     * @param string $tableName
     * @return array<string, array<string, mixed>> column => description
     */
    public function describeTable($tableName);

    /**
     * @param string $tableName
     * @param string|null $schemaName
     * @return bool
     */
    public function isTableExists($tableName, $schemaName = null);

    /**
     * @param string $identifier
     * @return string
     */
    public function quoteIdentifier($identifier);
}
