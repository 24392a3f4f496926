<?php

declare(strict_types=1);

namespace Magento\Framework\DB\Adapter\Pdo;

use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Adapter\DuplicateException;
use Magento\Framework\DB\Select;

/**
 * Magento's adapter over PDO, with its transaction levels and without its reconnecting.
 *
 * Only the outermost begin and commit reach the server; there are no savepoints. A rollback of an inner
 * level cannot be done, so it poisons the outer one: begin and commit are refused until the outermost
 * rollback has happened. As in Magento, the session has no SQL mode, speaks UTC, and gives all values as
 * texts. The real adapter also opens a new session when the old one is lost, even amid a transaction;
 * that trick is left out, so that a lost connection shows itself.
 */
class Mysql implements AdapterInterface
{
    private const DUPLICATE = 1062;

    private readonly \PDO $connection;
    private int $transactionLevel = 0;
    private bool $isRolledBack = false;

    /** @var array<string, array<string, array<string, mixed>>> */
    private array $descriptions = [];

    /** @param array{host: string, port?: int|string, dbname: string, username: string, password: string} $config */
    public function __construct(array $config)
    {
        $this->connection = new \PDO(
            sprintf(
                'mysql:host=%s;port=%d;dbname=%s;charset=utf8mb4',
                $config['host'],
                $config['port'] ?? 3306,
                $config['dbname']
            ),
            $config['username'],
            $config['password'],
            [
                \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
                \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
                \PDO::ATTR_STRINGIFY_FETCHES => true,
                \PDO::ATTR_EMULATE_PREPARES => true,
            ]
        );
        $this->connection->exec("SET SQL_MODE='', time_zone='+00:00'");
    }

    public function beginTransaction()
    {
        $this->refuseIfPoisoned();
        if ($this->transactionLevel === 0) {
            $this->connection->beginTransaction();
        }
        $this->transactionLevel++;
        return $this;
    }

    public function commit()
    {
        if ($this->transactionLevel === 0) {
            throw new \Exception(self::ERROR_ASYMMETRIC_COMMIT_MESSAGE);
        }
        $this->refuseIfPoisoned();
        if ($this->transactionLevel === 1) {
            $this->connection->commit();
        }
        $this->transactionLevel--;
        return $this;
    }

    public function rollBack()
    {
        if ($this->transactionLevel === 0) {
            throw new \Exception(self::ERROR_ASYMMETRIC_ROLLBACK_MESSAGE);
        }
        if ($this->transactionLevel === 1) {
            $this->connection->rollBack();
        }
        $this->isRolledBack = $this->transactionLevel > 1;
        $this->transactionLevel--;
        return $this;
    }

    public function getTransactionLevel()
    {
        return $this->transactionLevel;
    }

    public function select()
    {
        return new Select($this->connection->quote(...));
    }

    public function query($sql, $bind = [])
    {
        try {
            $statement = $this->connection->prepare((string) $sql);
            $statement->execute((array) $bind);
        } catch (\PDOException $error) {
            if (($error->errorInfo[1] ?? null) === self::DUPLICATE) {
                throw new DuplicateException($error->getMessage(), self::DUPLICATE, $error);
            }
            throw new \Zend_Db_Statement_Exception($error->getMessage(), (int) $error->getCode(), $error);
        }
        return $statement;
    }

    public function fetchAll($sql, $bind = [])
    {
        return $this->query($sql, $bind)->fetchAll();
    }

    public function fetchRow($sql, $bind = [])
    {
        return $this->query($sql, $bind)->fetch();
    }

    public function fetchOne($sql, $bind = [])
    {
        return $this->query($sql, $bind)->fetchColumn();
    }

    public function insert($table, array $bind)
    {
        $columns = implode(', ', array_map($this->quoteIdentifier(...), array_keys($bind)));
        $marks = implode(', ', array_fill(0, count($bind), '?'));
        $sql = "INSERT INTO {$this->quoteIdentifier($table)} ($columns) VALUES ($marks)";
        return $this->query($sql, array_values($bind))->rowCount();
    }

    public function insertMultiple($table, array $data)
    {
        $columns = array_keys($data[0]);
        $bind = [];
        foreach ($data as $row) {
            if (array_diff($columns, array_keys($row)) !== []) {
                throw new \Zend_Db_Exception('Invalid data for insert');
            }
            array_push($bind, ...array_map(static fn (string $column): mixed => $row[$column], $columns));
        }
        $names = implode(', ', array_map($this->quoteIdentifier(...), $columns));
        $marks = '(' . implode(', ', array_fill(0, count($columns), '?')) . ')';
        $sql = "INSERT INTO {$this->quoteIdentifier($table)} ($names) VALUES "
            . implode(', ', array_fill(0, count($data), $marks));
        return $this->query($sql, $bind)->rowCount();
    }

    public function update($table, array $bind, $where = [])
    {
        $set = array_map(fn (string $column, mixed $value): string => $this->quoteIdentifier($column)
            . ' = ' . ($value instanceof \Zend_Db_Expr ? $value : '?'), array_keys($bind), $bind);
        $values = array_filter($bind, static fn (mixed $value): bool => !$value instanceof \Zend_Db_Expr);
        $sql = 'UPDATE ' . $this->quoteIdentifier(implode('.', (array) $table)) . ' SET ' . implode(', ', $set)
            . $this->whereSql($where);
        return $this->query($sql, array_values($values))->rowCount();
    }

    public function delete($table, $where = '')
    {
        return $this->query('DELETE FROM ' . $this->quoteIdentifier($table) . $this->whereSql($where))->rowCount();
    }

    public function quote($value, $type = null)
    {
        return match (true) {
            is_array($value) => implode(', ', array_map($this->quote(...), $value)),
            $value === null => 'NULL',
            is_int($value), is_float($value) => (string) $value,
            default => $this->connection->quote((string) $value),
        };
    }

    public function lastInsertId()
    {
        return (string) $this->connection->lastInsertId();
    }

    public function describeTable($tableName)
    {
        return $this->descriptions[$tableName] ??= $this->describe($tableName);
    }

    public function isTableExists($tableName, $schemaName = null)
    {
        return $this->fetchRow('SHOW TABLE STATUS LIKE ?', [addcslashes($tableName, '_%')]) !== false;
    }

    public function quoteIdentifier($identifier)
    {
        return '`' . str_replace('`', '``', $identifier) . '`';
    }

    /** @return array<string, array<string, mixed>> */
    private function describe(string $tableName): array
    {
        $descriptions = [];
        foreach ($this->fetchAll('DESCRIBE ' . $this->quoteIdentifier($tableName)) as $column) {
            $hasType = preg_match('/^(\w+)(?:\((\d+)(?:,(\d+))?\))?/', (string) $column['Type'], $type) === 1;
            $descriptions[(string) $column['Field']] = [
                'COLUMN_NAME' => $column['Field'],
                'DATA_TYPE' => $hasType ? $type[1] : null,
                'DEFAULT' => $column['Default'],
                'NULLABLE' => $column['Null'] === 'YES',
                'SCALE' => $type[3] ?? null,
            ];
        }
        return $descriptions;
    }

    /** @param array<string, mixed>|string $where */
    private function whereSql(array|string $where): string
    {
        if (is_array($where)) {
            $where = implode(' AND ', array_map(
                fn (string $condition, mixed $value): string => str_replace('?', $this->quote($value), $condition),
                array_keys($where),
                $where
            ));
        }
        return $where === '' ? '' : " WHERE $where";
    }

    private function refuseIfPoisoned(): void
    {
        if ($this->isRolledBack) {
            throw new \Exception(self::ERROR_ROLLBACK_INCOMPLETE_MESSAGE);
        }
    }
}
