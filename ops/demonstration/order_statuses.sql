-- The order statuses that the module's setup patch creates.
INSERT INTO {prefix}sales_order_status (status, label) VALUES
    ('erp_accepted', 'ERP: accepted'),
    ('erp_awaiting_approval', 'ERP: awaiting approval'),
    ('erp_credit_hold', 'ERP: credit hold'),
    ('erp_blocked', 'ERP: blocked'),
    ('erp_posted', 'ERP: posted'),
    ('erp_partly_delivered', 'ERP: partly delivered'),
    ('erp_delivered', 'ERP: delivered'),
    ('erp_invoiced', 'ERP: invoiced'),
    ('erp_closed', 'ERP: closed'),
    ('erp_rejected', 'ERP: rejected');

INSERT INTO {prefix}sales_order_status_state (status, state, is_default, visible_on_front) VALUES
    ('erp_accepted', 'new', 0, 1), ('erp_accepted', 'processing', 0, 1),
    ('erp_awaiting_approval', 'new', 0, 1), ('erp_awaiting_approval', 'processing', 0, 1),
    ('erp_credit_hold', 'new', 0, 1), ('erp_credit_hold', 'processing', 0, 1),
    ('erp_blocked', 'new', 0, 1), ('erp_blocked', 'processing', 0, 1),
    ('erp_posted', 'new', 0, 1), ('erp_posted', 'processing', 0, 1),
    ('erp_partly_delivered', 'new', 0, 1), ('erp_partly_delivered', 'processing', 0, 1),
    ('erp_delivered', 'new', 0, 1), ('erp_delivered', 'processing', 0, 1),
    ('erp_invoiced', 'new', 0, 1), ('erp_invoiced', 'processing', 0, 1),
    ('erp_closed', 'new', 0, 1), ('erp_closed', 'processing', 0, 1),
    ('erp_rejected', 'new', 0, 1), ('erp_rejected', 'processing', 0, 1), ('erp_rejected', 'complete', 0, 1);
