<?php

declare(strict_types=1);

/**
 * What Magento's adapter throws for a failed statement; the driver's exception is its cause.
 */
class Zend_Db_Statement_Exception extends Zend_Db_Exception
{
}
