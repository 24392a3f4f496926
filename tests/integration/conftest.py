"""Fixtures of the integration tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.daemon import Configured, configure
from tests.support.made_tables import make_tables
from tests.support.magento_rest import MagentoRest, magento_rest
from tests.support.rig import Rig, rig_on
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database, empty_schema
from tests.support.shop import Shop
from tests.support.stores import Tables, tables_in
from tests.support.way_back import WayBack, way_back_on


@pytest.fixture(scope="session")
def tables_made() -> Iterator[tuple[dict[str, Tables], ExitStack]]:
    """The tables of each engine, made once: making them takes longer than most tests."""
    with ExitStack() as stack:
        yield {}, stack


@pytest.fixture
def tables(database: Database, tables_made: tuple[dict[str, Tables], ExitStack]) -> Tables:
    """Magento's tables and ours, empty, under a table prefix, on each engine in turn."""
    made, stack = tables_made
    engine = database.engine
    if engine.name not in made:
        schema = stack.enter_context(empty_schema(engine, database.server))
        made[engine.name] = stack.enter_context(tables_in(schema))
    made[engine.name].empty()
    return made[engine.name]


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox ERP, a process of its own."""
    with sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def shop(database: Database) -> Shop:
    """An empty shop, with the sidecar's tables in it."""
    made = Shop(database)
    make_tables(database)
    return made


@pytest.fixture
def sidecar(tmp_path: Path, shop: Shop, erp: Sandbox) -> Configured:
    """Settings, blueprint and secrets of a sidecar between that shop and the sandbox ERP."""
    return configure(tmp_path, shop.database, erp.url)


@pytest.fixture
def rig(database: Database, erp: Sandbox) -> Iterator[Rig]:
    """An engine between an empty shop and the sandbox ERP."""
    with rig_on(database, erp) as made:
        yield made


@pytest.fixture
def magento(database: Database, tmp_path: Path) -> Iterator[MagentoRest]:
    """A server that behaves like Magento's REST over the shop in this test's database; it needs PHP."""
    with magento_rest(database, tmp_path / "magento") as running:
        yield running


@pytest.fixture
def way(database: Database, erp: Sandbox, magento: MagentoRest) -> Iterator[WayBack]:
    """The way back into an empty shop, from the sandbox ERP to Magento's services."""
    with way_back_on(database, erp, magento) as made:
        yield made
