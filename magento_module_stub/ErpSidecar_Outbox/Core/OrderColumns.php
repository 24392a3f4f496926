<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The columns of an order's tables.
 */
class OrderColumns
{
    /** Table => type => columns, in the order in which the payload lists them. */
    public const KNOWN = [
        'order' => [
            Columns::INTEGER => [
                'entity_id', 'store_id', 'quote_id', 'customer_id', 'customer_group_id', 'customer_is_guest',
                'customer_gender', 'billing_address_id', 'shipping_address_id', 'quote_address_id',
                'gift_message_id', 'edit_increment', 'is_virtual', 'total_item_count', 'can_ship_partially',
                'can_ship_partially_item', 'forced_shipment_with_invoice', 'payment_auth_expiration',
            ],
            Columns::TEXT => [
                'increment_id', 'state', 'status', 'hold_before_state', 'hold_before_status',
                'original_increment_id', 'relation_parent_id', 'relation_parent_real_id',
                'relation_child_id', 'relation_child_real_id', 'ext_order_id', 'ext_customer_id',
                'customer_email', 'customer_prefix', 'customer_firstname', 'customer_middlename',
                'customer_lastname', 'customer_suffix', 'customer_taxvat', 'customer_note', 'coupon_code',
                'coupon_rule_name', 'applied_rule_ids', 'discount_description', 'shipping_method',
                'shipping_description', 'remote_ip', 'store_name', 'base_currency_code',
                'order_currency_code', 'store_currency_code', 'global_currency_code',
            ],
            Columns::DATE => ['created_at', 'updated_at', 'customer_dob'],
            Columns::DECIMAL => [
                'base_to_global_rate', 'base_to_order_rate', 'store_to_base_rate', 'store_to_order_rate', 'weight',
                'total_qty_ordered', 'base_total_qty_ordered', 'subtotal', 'base_subtotal', 'subtotal_incl_tax',
                'base_subtotal_incl_tax', 'discount_amount', 'base_discount_amount', 'tax_amount', 'base_tax_amount',
                'shipping_amount', 'base_shipping_amount', 'shipping_incl_tax', 'base_shipping_incl_tax',
                'shipping_tax_amount', 'base_shipping_tax_amount', 'shipping_discount_amount',
                'base_shipping_discount_amount', 'discount_tax_compensation_amount',
                'base_discount_tax_compensation_amount', 'shipping_discount_tax_compensation_amount',
                'base_shipping_discount_tax_compensation_amnt', 'grand_total', 'base_grand_total', 'total_due',
                'base_total_due', 'adjustment_positive', 'base_adjustment_positive', 'adjustment_negative',
                'base_adjustment_negative', 'payment_authorization_amount',
            ],
            Columns::PROGRESS => [
                'subtotal_invoiced', 'base_subtotal_invoiced', 'subtotal_refunded', 'base_subtotal_refunded',
                'subtotal_canceled', 'base_subtotal_canceled', 'discount_invoiced', 'base_discount_invoiced',
                'discount_refunded', 'base_discount_refunded', 'discount_canceled', 'base_discount_canceled',
                'tax_invoiced', 'base_tax_invoiced', 'tax_refunded', 'base_tax_refunded', 'tax_canceled',
                'base_tax_canceled', 'shipping_invoiced', 'base_shipping_invoiced', 'shipping_refunded',
                'base_shipping_refunded', 'shipping_canceled', 'base_shipping_canceled', 'shipping_tax_refunded',
                'base_shipping_tax_refunded', 'discount_tax_compensation_invoiced',
                'base_discount_tax_compensation_invoiced', 'discount_tax_compensation_refunded',
                'base_discount_tax_compensation_refunded', 'total_paid', 'base_total_paid', 'total_invoiced',
                'base_total_invoiced', 'base_total_invoiced_cost', 'total_refunded', 'base_total_refunded',
                'total_online_refunded', 'base_total_online_refunded', 'total_offline_refunded',
                'base_total_offline_refunded', 'total_canceled', 'base_total_canceled',
            ],
        ],
        'item' => [
            Columns::INTEGER => [
                'item_id', 'order_id', 'parent_item_id', 'quote_item_id', 'store_id', 'product_id',
                'is_virtual', 'is_qty_decimal', 'no_discount', 'free_shipping', 'gift_message_id',
                'gift_message_available', 'locked_do_invoice', 'locked_do_ship',
            ],
            Columns::TEXT => [
                'product_type', 'sku', 'name', 'description', 'applied_rule_ids', 'additional_data',
                'ext_order_item_id',
            ],
            Columns::DATE => ['created_at', 'updated_at'],
            Columns::DECIMAL => [
                'qty_ordered', 'weight', 'row_weight', 'base_cost', 'price', 'base_price', 'original_price',
                'base_original_price', 'price_incl_tax', 'base_price_incl_tax', 'row_total', 'base_row_total',
                'row_total_incl_tax', 'base_row_total_incl_tax', 'tax_percent', 'tax_amount', 'base_tax_amount',
                'tax_before_discount', 'base_tax_before_discount', 'discount_percent', 'discount_amount',
                'base_discount_amount', 'discount_tax_compensation_amount', 'base_discount_tax_compensation_amount',
                'weee_tax_applied_amount', 'weee_tax_applied_row_amount', 'weee_tax_disposition',
                'weee_tax_row_disposition', 'base_weee_tax_applied_amount', 'base_weee_tax_applied_row_amnt',
                'base_weee_tax_disposition', 'base_weee_tax_row_disposition',
            ],
            Columns::PROGRESS => [
                'qty_invoiced', 'qty_shipped', 'qty_refunded', 'qty_canceled', 'qty_backordered', 'row_invoiced',
                'base_row_invoiced', 'tax_invoiced', 'base_tax_invoiced', 'tax_refunded', 'base_tax_refunded',
                'tax_canceled', 'discount_invoiced', 'base_discount_invoiced', 'discount_refunded',
                'base_discount_refunded', 'amount_refunded', 'base_amount_refunded',
                'discount_tax_compensation_invoiced', 'base_discount_tax_compensation_invoiced',
                'discount_tax_compensation_refunded', 'base_discount_tax_compensation_refunded',
                'discount_tax_compensation_canceled',
            ],
        ],
        'address' => [
            Columns::INTEGER => [
                'entity_id', 'parent_id', 'customer_address_id', 'quote_address_id', 'region_id',
                'customer_id', 'vat_is_valid', 'vat_request_success',
            ],
            Columns::TEXT => [
                'address_type', 'prefix', 'firstname', 'middlename', 'lastname', 'suffix', 'company',
                'street', 'city', 'region', 'postcode', 'country_id', 'email', 'telephone', 'fax',
                'vat_id', 'vat_request_id', 'vat_request_date',
            ],
        ],
        'payment' => [
            Columns::INTEGER => ['entity_id', 'parent_id', 'quote_payment_id'],
            Columns::TEXT => [
                'method', 'po_number', 'last_trans_id', 'cc_trans_id', 'cc_type', 'cc_last_4',
                'cc_approval', 'cc_avs_status', 'protection_eligibility',
            ],
            Columns::DECIMAL => [
                'amount_ordered', 'base_amount_ordered', 'amount_authorized', 'base_amount_authorized',
                'shipping_amount', 'base_shipping_amount',
            ],
            Columns::PROGRESS => [
                'amount_paid', 'base_amount_paid', 'base_amount_paid_online', 'amount_refunded',
                'base_amount_refunded', 'base_amount_refunded_online', 'amount_canceled', 'base_amount_canceled',
                'shipping_captured', 'base_shipping_captured', 'shipping_refunded', 'base_shipping_refunded',
            ],
        ],
        'tax' => [
            Columns::INTEGER => ['tax_id', 'order_id', 'priority', 'position', 'process'],
            Columns::TEXT => ['code', 'title'],
            Columns::DECIMAL => ['percent', 'amount', 'base_amount', 'base_real_amount'],
        ],
        'tax_item' => [
            Columns::INTEGER => ['tax_item_id', 'tax_id', 'item_id', 'associated_item_id'],
            Columns::TEXT => ['taxable_item_type'],
            Columns::DECIMAL => ['tax_percent', 'amount', 'base_amount', 'real_amount', 'real_base_amount'],
        ],
        'status_history' => [
            Columns::INTEGER => ['entity_id', 'parent_id', 'is_customer_notified', 'is_visible_on_front'],
            Columns::TEXT => ['comment', 'status', 'entity_name'],
            Columns::DATE => ['created_at'],
        ],
    ];

    /**
     * Columns of the standard tables that stay in the shop or travel in another shape.
     *
     * protect_code opens a guest's order page. Mail and notification flags change behind an order's
     * back and say nothing about it. product_options, weee_tax_applied and additional_information are decoded.
     */
    public const LEFT_OUT = [
        'order' => [
            'protect_code', 'x_forwarded_for', 'email_sent', 'send_email', 'customer_note_notify',
            'paypal_ipn_customer_notified',
        ],
        'item' => ['product_options', 'weee_tax_applied'],
        'address' => [],
    ];
}
