-- name: show_hold
UPDATE {prefix}sales_order
SET ext_order_id = :number, state = :state, status = :status, hold_before_state = :held_state,
    hold_before_status = :held_status
WHERE entity_id = :entity_id;
