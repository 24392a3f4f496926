"""Fixtures for tests that an Odoo is put to, real or played: a test module names this one as its plugin."""

from collections.abc import Iterator
from contextlib import closing, nullcontext

import pytest

from erp_adapters.odoo import OdooAdapter
from tests.support.faulty_way import faulty_way
from tests.support.odoo import Installation, odoo_sandbox, the_real_one
from tests.support.odoo_doors import OdooDoors, RpcWay

REAL = pytest.param("real", marks=[pytest.mark.needs_odoo, pytest.mark.slow])


@pytest.fixture(scope="module", params=["sandbox", REAL])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An Odoo with what the tests need."""
    folder = tmp_path_factory.mktemp("odoo")
    with nullcontext(the_real_one()) if request.param == "real" else odoo_sandbox(folder) as found:
        found.people.prepare()
        yield found


@pytest.fixture(scope="module", params=["json2", "jsonrpc"])
def odoo(request: pytest.FixtureRequest, installed: Installation) -> Iterator[OdooDoors]:
    """A way into it, by JSON-2 and by JSON-RPC."""
    with faulty_way(installed.people.url) as way:
        found = (
            OdooDoors(way, installed, None)
            if request.param == "json2"
            else OdooDoors(RpcWay(way), installed, installed.login)
        )
        with closing(found):
            yield found


@pytest.fixture(scope="module")
def adapter(odoo: OdooDoors) -> OdooAdapter:
    """The adapter that confirms orders and posts credit notes."""
    return odoo.adapter()
