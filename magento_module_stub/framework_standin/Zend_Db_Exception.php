<?php

declare(strict_types=1);

/**
 * What Magento's adapter throws where it refuses a call before it reaches the server.
 */
class Zend_Db_Exception extends \Exception
{
}
