"""Orders that have to do with one another, as Magento writes them: of one cart, or one in the place of another."""

from tests.support.shop import Shop


def order_cart(
    shop: Shop,
    entity_id: int,
    *,
    quote: int = 470,
    address: int | None = 1405,
    book: int | None = None,
    customer: int | None = None,
    method: str = "checkmo",
    state: str = "new",
    quantity: str = "2.0000",
    total: str = "35.0000",
    seconds: int = 0,
) -> int:
    """Place an order of this quote to this address of it; returns the event's outbox id.

    `book` is the address's id in the customer's address book, `seconds` how long ago it was placed.
    """
    with shop.transaction() as connection, connection.cursor() as cursor:
        event = shop.place_in(connection, entity_id, method=method, state=state, quantity=quantity)
        cursor.execute(
            "UPDATE sales_order SET quote_id = %s, customer_id = %s, grand_total = %s,"
            " created_at = NOW() - INTERVAL %s SECOND WHERE entity_id = %s",
            (quote, customer, total, seconds, entity_id),
        )
        for kind, there in (("shipping", address), ("billing", None)):
            cursor.execute(
                "INSERT INTO sales_order_address (parent_id, address_type, quote_address_id, customer_address_id)"
                " VALUES (%s, %s, %s, %s)",
                (entity_id, kind, there, book),
            )
        return event


def replace_order(shop: Shop, predecessor: int, successor: int) -> int:
    """Place the successor of an order that is edited, as Magento's admin does before it cancels the first."""
    with shop.transaction() as connection, connection.cursor() as cursor:
        event = shop.place_in(connection, successor)
        cursor.execute(
            "UPDATE sales_order s JOIN sales_order p ON p.entity_id = %s"
            " SET s.relation_parent_id = p.entity_id, s.relation_parent_real_id = p.increment_id,"
            " s.original_increment_id = COALESCE(p.original_increment_id, p.increment_id),"
            " s.edit_increment = COALESCE(p.edit_increment, 0) + 1,"
            " s.increment_id = CONCAT(COALESCE(p.original_increment_id, p.increment_id), '-',"
            " COALESCE(p.edit_increment, 0) + 1)"
            " WHERE s.entity_id = %s",
            (predecessor, successor),
        )
    shop.execute(
        "UPDATE sales_order p JOIN sales_order s ON s.entity_id = %s"
        " SET p.relation_child_id = s.entity_id, p.relation_child_real_id = s.increment_id WHERE p.entity_id = %s",
        successor,
        predecessor,
    )
    return event


def edit_order(shop: Shop, predecessor: int, successor: int) -> tuple[int, int]:
    """Edit an order in Magento's admin; returns the successor's event and the cancellation's."""
    return replace_order(shop, predecessor, successor), shop.cancel(predecessor)
