<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The columns of a customer's tables that an ERP may want.
 *
 * An allow-list without an `extra`: what is not named here may be a secret or nobody's business. So these stay in
 * the shop: password_hash, rp_token, rp_token_created_at, confirmation, failures_num, first_failure, lock_expires,
 * session_cutoff, an extension's own columns, and a subscription's confirm code.
 */
class CustomerColumns
{
    /** Table => type => columns, in the order in which the payload lists them. */
    public const KNOWN = [
        'customer' => [
            Columns::INTEGER => [
                'entity_id', 'website_id', 'store_id', 'group_id', 'is_active', 'disable_auto_group_change', 'gender',
                'default_billing', 'default_shipping',
            ],
            Columns::TEXT => [
                'increment_id', 'email', 'created_in', 'prefix', 'firstname', 'middlename', 'lastname', 'suffix',
                'taxvat',
            ],
            Columns::DATE => ['created_at', 'updated_at', 'dob'],
        ],
        'customer_address' => [
            Columns::INTEGER => [
                'entity_id', 'parent_id', 'is_active', 'region_id', 'vat_is_valid', 'vat_request_success',
            ],
            Columns::TEXT => [
                'increment_id', 'prefix', 'firstname', 'middlename', 'lastname', 'suffix', 'company', 'street', 'city',
                'region', 'postcode', 'country_id', 'telephone', 'fax', 'vat_id', 'vat_request_id', 'vat_request_date',
            ],
            Columns::DATE => ['created_at', 'updated_at'],
        ],
        'customer_group' => [
            Columns::INTEGER => ['customer_group_id', 'tax_class_id'],
            Columns::TEXT => ['customer_group_code'],
        ],
        'newsletter_subscriber' => [
            Columns::INTEGER => ['subscriber_id', 'store_id', 'subscriber_status'],
            Columns::DATE => ['change_status_at'],
        ],
    ];

    /** Columns that move by themselves and are no news. */
    public const TIME_OF_SAVING = ['updated_at'];
}
