"""A shop with two products, and what Magento does when it saves them."""

from typing import Any

from tests.support.obedient_shop import ObedientShop
from tests.support.people_shop import PeopleShop, dispatch, transaction
from tests.support.servers import Database

TEE, MUG = 7, 8
NAME, PRICE, SPECIAL_PRICE, STATUS = 73, 77, 78, 97
ADMIN_STORE = (
    "INSERT INTO store_website (website_id, code, name) VALUES (0, 'admin', 'Admin')",
    "INSERT INTO store_group (group_id, website_id, name, code) VALUES (0, 0, 'Default', 'default')",
    "INSERT INTO store (store_id, code, website_id, group_id, name) VALUES (0, 'admin', 0, 0, 'Admin')",
)
PRODUCTS = (
    "INSERT INTO catalog_product_entity (entity_id, sku, attribute_set_id) VALUES (7, 'TEE-S', 4), (8, 'MUG', 4)",
    """
    INSERT INTO catalog_product_entity_varchar (attribute_id, store_id, entity_id, value)
    VALUES (73, 0, 7, 'Tee'), (73, 1, 7, 'Hemd'), (73, 0, 8, 'Mug'), (99, 0, 7, 'not exported')
    """,
    """
    INSERT INTO catalog_product_entity_decimal (attribute_id, store_id, entity_id, value)
    VALUES (77, 0, 7, 12.5), (77, 0, 8, 9)
    """,
    "INSERT INTO catalog_product_website VALUES (7, 1)",
)
DELETE_VALUE = "DELETE FROM catalog_product_entity_{table} WHERE attribute_id = ? AND store_id = ? AND entity_id = ?"
INSERT_VALUE = (
    "INSERT INTO catalog_product_entity_{table} (attribute_id, store_id, entity_id, value) VALUES (?, ?, ?, ?)"
)
CATALOG = "Magento\\Catalog\\Model\\"


class CatalogShop(PeopleShop):
    """The tables of a shop with a TEE (also named in store 1, and in website 1) and a MUG."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
            for statement in (*ADMIN_STORE, *PRODUCTS):
                cursor.execute(statement)


def call(shop: ObedientShop, method: str, *arguments: object) -> None:
    """Call a method of Magento's catalog, named as `Class::method` below its folder, with the plugins on it."""
    class_name, name = method.split("::")
    shop.do("call", **{"class": CATALOG + class_name, "method": name, "arguments": list(arguments)})


def save_value(
    shop: ObedientShop, product_id: int, table: str, attribute_id: int, store_id: int, value: object
) -> None:
    """One save of a product inside an open transaction that writes one value, or the lack of one."""
    dispatch(shop, "catalog_product_save_before", entity_id=product_id)
    key = [attribute_id, store_id, product_id]
    shop.sql(DELETE_VALUE.format(table=table), key)
    if value is not None:
        shop.sql(INSERT_VALUE.format(table=table), [*key, value])
    dispatch(shop, "catalog_product_save_after", entity_id=product_id)


def create(shop: ObedientShop, sku: str, price: str) -> int:
    """A new product, in a transaction of its own."""
    with transaction(shop):
        dispatch(shop, "catalog_product_save_before", entity_id=None, sku=sku)
        shop.sql("INSERT INTO catalog_product_entity (sku, attribute_set_id) VALUES (?, 4)", [sku])
        product_id = int(shop.do("insert_id"))
        shop.sql(INSERT_VALUE.format(table="decimal"), [PRICE, 0, product_id, price])
        dispatch(shop, "catalog_product_save_after", entity_id=product_id, sku=sku)
    return product_id


def changes(payloads: list[dict[str, Any]]) -> dict[str, Any]:
    """What changed, by SKU."""
    return {payload["product"]["sku"]: payload["changed"] for payload in payloads}
