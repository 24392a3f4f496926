<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Plugin;

use ErpSidecar\Outbox\Model\BeforeCommit;
use Magento\Framework\DB\Adapter\AdapterInterface;

/**
 * Lets a transaction say its last words before its outermost commit.
 *
 * Magento raises no event at that moment: *_save_after may come several times in one transaction, and
 * *_save_commit_after comes too late. Magento hangs its own commit callbacks on the adapter in the same way
 * (Magento\Framework\Model\ExecuteCommitCallbacks). What fails here fails the commit, which Magento then rolls back.
 */
class RunBeforeCommit
{
    public function __construct(private readonly BeforeCommit $beforeCommit)
    {
    }

    public function beforeCommit(AdapterInterface $subject): void
    {
        if ($subject->getTransactionLevel() === 1) {
            $this->beforeCommit->run($subject);
        }
    }

    public function afterRollBack(AdapterInterface $subject, AdapterInterface $result): AdapterInterface
    {
        if ($result->getTransactionLevel() === 0) {
            $this->beforeCommit->forget($subject);
        }
        return $result;
    }
}
