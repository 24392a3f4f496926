"""A shop with Magento's tables of customers and products, and what Magento does when it saves them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ops.embedded.programs import PROJECT
from tests.support.magento_shop import CREATE_TABLE, MagentoShop
from tests.support.obedient_shop import ObedientShop
from tests.support.servers import Database

TABLES = PROJECT / "tests" / "support" / "people_tables.sql"
REGISTER = """
    INSERT INTO customer_entity (website_id, store_id, group_id, email, firstname, lastname, dob, password_hash,
                                 rp_token, rp_token_created_at, confirmation)
    VALUES (1, 1, 1, ?, 'Jürgen 🚚', 'O''Hara', '1980-02-29', 'hash-secret', 'token-secret', NOW(), 'confirm-secret')
"""


class PeopleShop(MagentoShop):
    """The tables of a shop that has one customer group and nothing else."""

    def __init__(self, database: Database, *, prefix: str = "") -> None:
        super().__init__(database, prefix=prefix)
        self.run(
            *CREATE_TABLE.findall(TABLES.read_text(encoding="utf-8").replace("{prefix}", prefix)),
            f"INSERT INTO {prefix}customer_group VALUES (1, 'General', 3), (2, 'Wholesale', 3)",  # noqa: S608 -- ours
        )


@contextmanager
def transaction(shop: ObedientShop) -> Iterator[None]:
    """What is done inside is one transaction of the shop."""
    shop.do("begin")
    yield
    shop.do("commit")


def dispatch(shop: ObedientShop, event: str, **columns: object) -> None:
    """Let the module see an event of a model with these columns."""
    shop.do("dispatch", event=event, model=columns)


def register(shop: ObedientShop, email: str = "jane@example.com") -> int:
    """A new account, in a transaction of its own."""
    with transaction(shop):
        dispatch(shop, "customer_save_before", email=email)
        shop.sql(REGISTER, [email])
        customer_id = int(shop.do("insert_id"))
        dispatch(shop, "customer_save_after", entity_id=customer_id, email=email)
    return customer_id


def change(shop: ObedientShop, customer_id: int, column: str, value: object) -> None:
    """One save of an account inside an open transaction; like Magento's, it always writes the time of saving."""
    dispatch(shop, "customer_save_before", entity_id=customer_id)
    shop.sql(
        f"UPDATE customer_entity SET {column} = ?, updated_at = updated_at + INTERVAL 1 MINUTE WHERE entity_id = ?",  # noqa: S608 -- a test's column
        [value, customer_id],
    )
    dispatch(shop, "customer_save_after", entity_id=customer_id)


def write_address(shop: ObedientShop, customer_id: int, city: str = "Köln", *, default: bool = False) -> int:
    """A new address inside an open transaction."""
    address = {"customer_id": customer_id, "parent_id": customer_id, "is_default_billing": default}
    dispatch(shop, "customer_address_save_before", **address)
    shop.sql(
        "INSERT INTO customer_address_entity (parent_id, city, country_id, firstname, lastname, street, telephone)"
        " VALUES (?, ?, 'DE', 'Jürgen', 'O''Hara', '1 Main St\nApt 2', '0221')",
        [customer_id, city],
    )
    address_id = int(shop.do("insert_id"))
    relate_address(shop, {**address, "entity_id": address_id})
    return address_id


def relate_address(shop: ObedientShop, address: Mapping[str, object]) -> None:
    """What follows the save of an address, also of one that nothing changed: its account's default is written."""
    if address["is_default_billing"]:
        shop.sql(
            "UPDATE customer_entity SET default_billing = ? WHERE entity_id = ?",
            [address["entity_id"], address["customer_id"]],
        )
    dispatch(shop, "customer_address_process_relation", **address)


def delete_address(shop: ObedientShop, customer_id: int, address_id: int) -> None:
    """An address is deleted, in a transaction of its own."""
    with transaction(shop):
        dispatch(shop, "customer_address_delete_before", entity_id=address_id, parent_id=customer_id)
        shop.sql("DELETE FROM customer_address_entity WHERE entity_id = ?", [address_id])


def subscribe(shop: ObedientShop, customer_id: int, status: int) -> None:
    """A newsletter subscription is saved, in a transaction of its own."""
    with transaction(shop):
        dispatch(shop, "newsletter_subscriber_save_before", customer_id=customer_id, subscriber_status=status)
        shop.sql(
            "INSERT INTO newsletter_subscriber (store_id, customer_id, subscriber_email, subscriber_status,"
            " subscriber_confirm_code, change_status_at) VALUES (1, ?, 'jane@example.com', ?, 'code-secret', NOW())",
            [customer_id, status],
        )
