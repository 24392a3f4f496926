"""What the runbook tells a DBA to type does what it says."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.rig import Rig, rig_on, turn_until
from tests.support.sandbox import sandbox
from tests.support.servers import Database

PROJECT = Path(__file__).resolve().parents[2]
REFUSED = {"kind": "reject", "code": "PERIOD_CLOSED", "message": "The period is closed."}


@pytest.fixture
def rig(database: Database, tmp_path: Path) -> Iterator[Rig]:
    with sandbox(tmp_path) as erp, rig_on(database, erp) as made:
        yield made


def statement_for_a_refused_window() -> str:
    (block,) = re.findall(r"```sql\n(.*?)```", (PROJECT / "ops" / "runbook.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


def states(rig: Rig) -> list[str]:
    return [state for (state,) in rig.shop.rows("SELECT state FROM erp_stock_window ORDER BY sequence")]


def run(database: Database, statement: str) -> None:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        assert cursor.execute(statement) == 1


def test_a_refused_window_goes_out_once_after_the_statement_of_the_runbook(rig: Rig, database: Database) -> None:
    rig.erp.plan({"operation": "stock.post", "nth": 1, "count": 1, **REFUSED})
    rig.shop.adjust("TEE", "-1.0000")
    turn_until(rig.aggregator(), lambda: states(rig) == ["parked"])

    run(database, statement_for_a_refused_window())
    turn_until(rig.aggregator(), lambda: states(rig) == ["booked"])

    assert len(rig.erp.rows("SELECT number FROM stock_movements")) == 1


def test_a_window_that_the_erp_has_already_is_not_sent_again(rig: Rig, database: Database) -> None:
    rig.shop.adjust("TEE", "-1.0000")
    turn_until(rig.aggregator(), lambda: states(rig) == ["booked"])
    run(database, "UPDATE erp_stock_window SET state = 'parked'")

    run(database, statement_for_a_refused_window())
    turn_until(rig.aggregator(), lambda: states(rig) == ["booked"])

    assert len(rig.erp.rows("SELECT number FROM stock_movements")) == 1
