<?php

declare(strict_types=1);

/**
 * A piece of SQL that is not quoted.
 */
class Zend_Db_Expr
{
    public function __construct(private readonly string $expression)
    {
    }

    public function __toString(): string
    {
        return $this->expression;
    }
}
