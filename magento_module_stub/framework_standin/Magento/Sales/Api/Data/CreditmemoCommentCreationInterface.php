<?php

declare(strict_types=1);

namespace Magento\Sales\Api\Data;

/**
 * A comment that a request gives a new credit memo.
 */
interface CreditmemoCommentCreationInterface
{
}
