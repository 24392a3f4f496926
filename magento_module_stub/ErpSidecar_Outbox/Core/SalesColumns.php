<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Core;

/**
 * The columns of the documents, tracks and payment transactions that belong to an order.
 *
 * Not only tables: document_order and document_order_item are the parts of an order that a document repeats, so
 * that it can be booked without looking the order up.
 */
class SalesColumns
{
    private const MONEY_OF_ITEM = [
        'qty', 'price', 'base_price', 'price_incl_tax', 'base_price_incl_tax', 'base_cost',
        'row_total', 'base_row_total', 'row_total_incl_tax', 'base_row_total_incl_tax',
        'tax_amount', 'base_tax_amount', 'discount_amount', 'base_discount_amount',
        'discount_tax_compensation_amount', 'base_discount_tax_compensation_amount',
        'weee_tax_applied_amount', 'weee_tax_applied_row_amount', 'weee_tax_disposition', 'weee_tax_row_disposition',
        'base_weee_tax_applied_amount', 'base_weee_tax_applied_row_amnt', 'base_weee_tax_disposition',
        'base_weee_tax_row_disposition',
    ];

    private const MONEY_OF_DOCUMENT = [
        'base_to_global_rate', 'base_to_order_rate', 'store_to_base_rate', 'store_to_order_rate',
        'subtotal', 'base_subtotal', 'subtotal_incl_tax', 'base_subtotal_incl_tax',
        'discount_amount', 'base_discount_amount', 'tax_amount', 'base_tax_amount',
        'shipping_amount', 'base_shipping_amount', 'shipping_incl_tax', 'base_shipping_incl_tax',
        'shipping_tax_amount', 'base_shipping_tax_amount',
        'discount_tax_compensation_amount', 'base_discount_tax_compensation_amount',
        'shipping_discount_tax_compensation_amount', 'base_shipping_discount_tax_compensation_amnt',
        'grand_total', 'base_grand_total',
    ];

    private const TEXTS_OF_DOCUMENT = [
        'increment_id', 'transaction_id', 'base_currency_code', 'order_currency_code', 'store_currency_code',
        'global_currency_code', 'discount_description', 'customer_note',
    ];

    private const ITEM = [
        Columns::INTEGER => ['entity_id', 'parent_id', 'order_item_id', 'product_id'],
        Columns::TEXT => ['sku', 'name', 'description', 'additional_data', 'tax_ratio'],
        Columns::DECIMAL => self::MONEY_OF_ITEM,
    ];

    /** Table => type => columns, in the order in which the payload lists them. */
    public const KNOWN = [
        'document_order' => [
            Columns::INTEGER => [
                'entity_id', 'store_id', 'quote_id', 'customer_id', 'customer_group_id', 'customer_is_guest',
            ],
            Columns::TEXT => [
                'increment_id', 'ext_order_id', 'ext_customer_id', 'coupon_code', 'coupon_rule_name',
                'applied_rule_ids', 'discount_description', 'shipping_method', 'base_currency_code',
                'order_currency_code', 'store_currency_code', 'global_currency_code',
            ],
        ],
        'document_order_item' => [
            Columns::INTEGER => ['item_id', 'parent_item_id', 'quote_item_id', 'product_id', 'is_virtual'],
            Columns::TEXT => ['product_type', 'sku', 'name', 'ext_order_item_id', 'applied_rule_ids'],
            Columns::DECIMAL => ['qty_ordered', 'tax_percent', 'discount_percent'],
        ],
        'comment' => [
            Columns::INTEGER => ['entity_id', 'parent_id', 'is_customer_notified', 'is_visible_on_front'],
            Columns::TEXT => ['comment'],
            Columns::DATE => ['created_at'],
        ],
        'invoice' => [
            Columns::INTEGER => [
                'entity_id', 'store_id', 'order_id', 'state', 'billing_address_id', 'shipping_address_id',
                'is_used_for_refund', 'can_void_flag',
            ],
            Columns::TEXT => self::TEXTS_OF_DOCUMENT,
            Columns::DATE => ['created_at', 'updated_at'],
            Columns::DECIMAL => [...self::MONEY_OF_DOCUMENT, 'total_qty', 'base_total_refunded'],
        ],
        'invoice_item' => self::ITEM,
        'shipment' => [
            Columns::INTEGER => [
                'entity_id', 'store_id', 'order_id', 'customer_id', 'billing_address_id', 'shipping_address_id',
                'shipment_status',
            ],
            Columns::TEXT => ['increment_id', 'customer_note'],
            Columns::DATE => ['created_at', 'updated_at'],
            Columns::DECIMAL => ['total_weight', 'total_qty'],
        ],
        'shipment_item' => [
            Columns::INTEGER => ['entity_id', 'parent_id', 'order_item_id', 'product_id'],
            Columns::TEXT => ['sku', 'name', 'description', 'additional_data'],
            Columns::DECIMAL => ['qty', 'price', 'row_total', 'weight'],
        ],
        'track' => [
            Columns::INTEGER => ['entity_id', 'parent_id', 'order_id'],
            Columns::TEXT => ['track_number', 'carrier_code', 'title', 'description'],
            Columns::DATE => ['created_at', 'updated_at'],
            Columns::DECIMAL => ['weight', 'qty'],
        ],
        'creditmemo' => [
            Columns::INTEGER => [
                'entity_id', 'store_id', 'order_id', 'invoice_id', 'state', 'creditmemo_status',
                'billing_address_id', 'shipping_address_id',
            ],
            Columns::TEXT => self::TEXTS_OF_DOCUMENT,
            Columns::DATE => ['created_at', 'updated_at'],
            Columns::DECIMAL => [
                ...self::MONEY_OF_DOCUMENT,
                'adjustment', 'base_adjustment', 'adjustment_positive', 'base_adjustment_positive',
                'adjustment_negative', 'base_adjustment_negative',
            ],
        ],
        'creditmemo_item' => self::ITEM,
        'transaction' => [
            Columns::INTEGER => ['transaction_id', 'parent_id', 'order_id', 'payment_id', 'is_closed'],
            Columns::TEXT => ['txn_id', 'parent_txn_id', 'txn_type'],
            Columns::DATE => ['created_at'],
        ],
    ];

    /** A label is a file of some hundred kB; packages and weee_tax_applied are decoded; mail flags say nothing. */
    public const LEFT_OUT = [
        'invoice' => ['email_sent', 'send_email', 'customer_note_notify'],
        'invoice_item' => ['weee_tax_applied'],
        'shipment' => ['email_sent', 'send_email', 'customer_note_notify', 'packages', 'shipping_label'],
        'shipment_item' => [],
        'creditmemo' => ['email_sent', 'send_email', 'customer_note_notify'],
        'creditmemo_item' => ['weee_tax_applied'],
    ];
}
