<?php

declare(strict_types=1);

namespace Magento\Framework\Webapi;

/**
 * An error whose HTTP status its thrower chooses.
 */
class Exception extends \Exception
{
    public const HTTP_BAD_REQUEST = 400;

    public function __construct(string $phrase, int $code = 0, private readonly int $httpCode = self::HTTP_BAD_REQUEST)
    {
        parent::__construct($phrase, $code);
    }

    public function getHttpCode(): int
    {
        return $this->httpCode;
    }
}
