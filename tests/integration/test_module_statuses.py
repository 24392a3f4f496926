"""The order statuses in which Magento shows what the ERP says are created by the module, on a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.demonstration.stage import HERE, statements_of
from ops.embedded.programs import PROJECT
from sidecar.blueprint import load_blueprint
from tests.support.obedient_shop import ObedientShop
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

PREFIX = "m2_"
STATUSES = "INSERT INTO {prefix}sales_order_status (status, label) VALUES (%s, %s)"
STATES = (
    "INSERT INTO {prefix}sales_order_status_state (status, state, is_default, visible_on_front) VALUES (%s, %s, 1, %s)"
)
MAGENTOS_OWN = (
    ("pending", "Pending", "new", 1),
    ("processing", "Processing", "processing", 1),
    ("complete", "Complete", "complete", 1),
    ("payment_review", "Payment Review", "payment_review", 0),
)


class Shop:
    """Magento's status tables as setup:install leaves them."""

    def __init__(self, database: Database, prefix: str) -> None:
        self._database, self._prefix = database, prefix
        for statement in statements_of(HERE / "magento_tables.sql", prefix):
            if statement.startswith(
                (f"CREATE TABLE {prefix}sales_order_status ", f"CREATE TABLE {prefix}sales_order_status_state ")
            ):
                self.run(statement)
        for status, label, state, visible in MAGENTOS_OWN:
            self.run(STATUSES, status, label)
            self.run(STATES, status, state, visible)

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("{prefix}", self._prefix), values)
            connection.commit()
            return list(cursor.fetchall())

    def statuses(self) -> list[tuple[Any, ...]]:
        return self.run("SELECT status, label FROM {prefix}sales_order_status ORDER BY status")

    def pairs(self) -> list[tuple[Any, ...]]:
        return self.run(
            "SELECT status, state, is_default, visible_on_front FROM {prefix}sales_order_status_state ORDER BY 1, 2"
        )


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database, PREFIX)


@pytest.fixture
def module(shop: Shop, database: Database) -> Iterator[ObedientShop]:
    assert shop.statuses()
    with ObedientShop(database, table_prefix=PREFIX) as module:
        yield module


def test_setup_creates_the_statuses_and_none_becomes_a_default(shop: Shop, module: ObedientShop) -> None:
    before = shop.pairs()

    module.do("apply_data_patch")

    made = [row for row in shop.pairs() if row not in before]
    assert len(made) == 21
    assert {is_default for _, _, is_default, _ in made} == {0}
    assert ("erp_rejected", "ERP: rejected") in shop.statuses()


def test_the_demonstrations_shop_has_the_same_statuses(shop: Shop, module: ObedientShop, database: Database) -> None:
    demonstration = Shop(database, "demo_")
    for statement in statements_of(HERE / "order_statuses.sql", "demo_"):
        demonstration.run(statement)

    module.do("apply_data_patch")

    assert (shop.statuses(), shop.pairs()) == (demonstration.statuses(), demonstration.pairs())


def test_every_status_of_the_shipped_blueprints_is_created(shop: Shop, module: ObedientShop) -> None:
    module.do("apply_data_patch")

    there = {(state, status) for status, state, *_ in shop.pairs()}
    for path in (PROJECT / "ops/examples/blueprint.yaml", Path(HERE) / "blueprint.yaml"):
        blueprint = load_blueprint(path)
        assert set(blueprint.policy(blueprint.destinations[0]).lifecycle.pairs()) <= there


def test_an_order_stays_as_visible_to_its_customer_as_it_was(shop: Shop, module: ObedientShop) -> None:
    module.do("create_status", code="erp_check", label="ERP: check", states=["new", "payment_review", "closed"])

    assert [row for row in shop.pairs() if row[0] == "erp_check"] == [
        ("erp_check", "closed", 0, 1),  # a state of which nothing is known
        ("erp_check", "new", 0, 1),
        ("erp_check", "payment_review", 0, 0),
    ]


def test_what_a_merchant_changed_is_left_alone_however_often_setup_runs(shop: Shop, module: ObedientShop) -> None:
    module.do("apply_data_patch")
    shop.run("UPDATE {prefix}sales_order_status SET label = 'Handed over' WHERE status = 'erp_accepted'")
    shop.run(
        "UPDATE {prefix}sales_order_status_state SET is_default = 1, visible_on_front = 0 WHERE status = 'erp_posted'"
    )
    before = shop.statuses(), shop.pairs()

    module.do("apply_data_patch")

    assert (shop.statuses(), shop.pairs()) == before


def test_the_command_adds_what_is_missing_and_says_so(shop: Shop, module: ObedientShop) -> None:
    asked = {"code": "erp_ready", "label": "Ready in the ERP", "states": ["processing"]}

    first = module.do("create_status", **asked)
    more = module.do("create_status", **{**asked, "states": ["processing", "complete"]})
    again = module.do("create_status", **asked)

    assert [answer["exit"] for answer in (first, more, again)] == [0, 0, 0]
    assert [answer["printed"].strip() for answer in (first, more, again)] == [
        "Added: erp_ready, erp_ready in processing.",
        "Added: erp_ready in complete.",
        "Nothing to add: it is there.",
    ]
    assert ("erp_ready", "Ready in the ERP") in shop.statuses()


def test_the_command_refuses_a_state_that_magento_has_not_and_changes_nothing(shop: Shop, module: ObedientShop) -> None:
    before = shop.statuses(), shop.pairs()

    answer = module.do("create_status", code="erp_ready", label="Ready", states=["shipped"])

    assert answer["exit"] == 1
    assert answer["printed"].startswith("No state is called 'shipped'; there are new, ")
    assert (shop.statuses(), shop.pairs()) == before
