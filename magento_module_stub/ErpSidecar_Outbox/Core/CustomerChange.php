<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * Whether what an ERP may know of an account differs between two moments of it.
 *
 * Magento saves an account for many reasons that are nobody's business: a password's reset token, a failed login,
 * a lock, the time of the save itself. Only the columns of CustomerColumns are compared, so those are no change.
 */
class CustomerChange
{
    /**
     * The account's own row and named attributes; its addresses and subscriptions are not looked at.
     *
     * @param CustomerSnapshot|null $before null: there was none
     */
    public static function isBetween(?CustomerSnapshot $before, CustomerSnapshot $after): bool
    {
        if ($before === null || $before->attributes !== $after->attributes) {
            return true;
        }
        $compared = array_diff_key(Columns::of('customer'), array_fill_keys(CustomerColumns::TIME_OF_SAVING, true));
        foreach (array_keys($compared) as $column) {
            if ((string) ($before->customer[$column] ?? '') !== (string) ($after->customer[$column] ?? '')) {
                return true;
            }
        }
        return false;
    }
}
