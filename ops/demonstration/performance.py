"""The performance: a shop that sells, an ERP that fails, a sidecar that is killed once, and a checker at the end."""

import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ops.demonstration import faults
from ops.demonstration.checker import Verdict, judge
from ops.demonstration.evidence import read_ledger, read_magento
from ops.demonstration.rest import ShopRest
from ops.demonstration.stage import SHOPS, Erp, Shops, Sidecar, Stage, StageError, find_php

GLANCE = 0.25
KILL_AFTER_DOCUMENTS = 12
WARM_UP = 1.0
DOWN_FOR = 0.7
BACK_WITHIN = 15.0
SETTLES_WITHIN = 40.0
ENCORE_SHOP = 9
TWIN_SHOP = 8
TWINS = 2
PATIENCE = 60
"""Seconds that a person takes at the most to see to a cart that was ordered twice."""

WALLET = "demo_wallet"
KEPT = """
    SELECT o.ext_order_id FROM sales_order o JOIN sales_order_payment p ON p.parent_id = o.entity_id
    WHERE p.method = %s AND o.state <> 'canceled' AND o.ext_order_id IS NOT NULL
"""
WHICH_RELAY = "SELECT token FROM erp_lease WHERE role = 'relay' AND scope = 'erp'"
"""It grows when a relay takes over. What the old one had sent may still be accepted in between."""


@dataclass(frozen=True, slots=True)
class Script:
    """How a round goes: a number of orders, or as many as the shop manages in some seconds."""

    seed: int
    orders: int
    pace_ms: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """How things stand at one moment."""

    orders: int
    events: int
    acknowledged: int
    documents: int
    versions: int
    movements: int
    faults: int


class Audience(Protocol):
    """Who watches."""

    def act(self, title: str) -> None:
        """A new part begins, or something happens that is worth a line."""
        ...

    def glance(self, glance: Glance) -> None:
        """How things stand now."""
        ...


class Performance:
    """One round on a stage that is built."""

    def __init__(self, stage: Stage, script: Script, audience: Audience) -> None:
        """Nothing runs yet."""
        self._stage, self._script, self._audience = stage, script, audience
        self._php = find_php()

    def play(self) -> Verdict:
        """Play the round and return what the checker says; raises StageError when the stage breaks."""
        with ExitStack() as stack:
            erp = Erp(self._stage)
            stack.callback(erp.stop)
            erp.plan(faults.draw(self._script.seed))
            rest = ShopRest(self._stage, self._php)
            stack.callback(rest.stop)
            sidecar = Sidecar(self._stage)
            stack.callback(sidecar.stop)
            time.sleep(WARM_UP)  # it says that it is ready when its loops begin, and then they take their leases
            self._sell(sidecar)
            self._audience.act("The shop is closed; what is still under way comes to its end")
            self._settle(sidecar)
            self._see_to_what_is_held(sidecar)
            self._let_the_erp_go_on(erp)
            self._audience.act("Two more orders: a stale save meets one, and the ERP drops a line in silence")
            erp.plan(faults.SILENT_HOUR)
            with self._open_shops("--encore", shops=(ENCORE_SHOP,)) as shops:
                while not shops.are_closed():
                    self._watch(sidecar)
            return self._settle(sidecar)

    def _sell(self, sidecar: Sidecar) -> None:
        """Keep the shop open, and end the daemon once on the way, as a power cut would."""
        script, opened_at = self._script, time.monotonic()
        self._audience.act("The shop opens")
        words = ("--orders", str(script.orders), "--seed", str(script.seed), "--pace-ms", str(script.pace_ms))
        with self._open_shops(*words, shops=range(1, SHOPS + 1)) as shops:
            killed = False
            while not (shops.are_closed() or self._is_over(opened_at)):
                glance = self._watch(sidecar)
                if not killed and glance.documents >= KILL_AFTER_DOCUMENTS:
                    self._power_cut(sidecar)
                    killed = True

    def _send_refused_again(self) -> None:
        """What a person does about an order that the ERP refused."""
        for parked in [event for event in self._ask("event", "list") if event["state"] == "parked"]:
            self._audience.act(f"A person sees to what the ERP refused ({parked['fault']}) and sends it again")
            self._ask("event", "retry", "erp", str(parked["event"]), "--reason", "credit limit raised")

    def _see_to_what_is_held(self, sidecar: Sidecar) -> None:
        """One cart becomes two orders, and a person keeps the first; the ERP's refusal is seen to meanwhile."""
        self._audience.act("A customer presses the button twice: two orders of one cart")
        with self._open_shops("--twins", "--patience", str(PATIENCE), shops=(TWIN_SHOP,)) as shops:
            deadline = time.monotonic() + PATIENCE
            self._send_refused_again()
            held: list[dict[str, Any]] = []
            while len(held) < TWINS and time.monotonic() < deadline:
                held = self._ask("order", "duplicates")
                self._watch(sidecar)
            for first in held[:1]:
                self._audience.act(f"Neither is sent; a person lets {first['order']} go, and the other is cancelled")
                self._ask("order", "release", str(first["order"]), "--reason", "she ordered once")
            while not shops.are_closed():
                self._watch(sidecar)

    def _let_the_erp_go_on(self, erp: Erp) -> None:
        """The order that was kept is delivered and invoiced by the ERP, which tells nobody unless it is asked."""
        with closing(self._stage.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(KEPT, (WALLET,))
            for (number,) in cursor.fetchall():
                self._audience.act(f"The ERP delivers {number} and invoices it, without being asked")
                erp.fulfil(number, "W-EU")

    def _ask(self, *words: str) -> list[dict[str, Any]]:
        """Type a command of the sidecar's; returns what it prints, if that is a list."""
        command = self._stage.sidecar_command("--json", *words)
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        if said.returncode != 0:
            raise StageError(f"erp-sidecar {' '.join(words)} failed: {said.stdout.strip()} {said.stderr.strip()}")
        answer = json.loads(said.stdout)
        return answer if isinstance(answer, list) else []

    @contextmanager
    def _open_shops(self, *words: str, shops: range | tuple[int, ...]) -> Iterator[Shops]:
        opened = Shops(self._stage, self._php, words, shops)
        try:
            yield opened
        except KeyboardInterrupt:
            self._audience.act("Closing time")
        finally:
            opened.stop()

    def _is_over(self, opened_at: float) -> bool:
        return self._script.seconds is not None and time.monotonic() - opened_at > self._script.seconds

    def _power_cut(self, sidecar: Sidecar) -> None:
        self._audience.act("kill -9: the sidecar is gone amid its work")
        with closing(self._stage.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(WHICH_RELAY)
            (token,) = cursor.fetchone() or (0,)
            cursor.execute("INSERT INTO demo_outage (from_us) VALUES (%s)", (_now_us(),))
            sidecar.kill()
            try:
                time.sleep(DOWN_FOR)
            finally:
                sidecar.start()
            self._audience.act("The sidecar is started again; nobody tells it what it missed")
            deadline = time.monotonic() + BACK_WITHIN
            while not cursor.execute(f"{WHICH_RELAY} AND token > %s", (token,)) and time.monotonic() < deadline:
                self._watch(sidecar)
            before = self._look().versions
            while self._watch(sidecar).versions == before and time.monotonic() < deadline:
                pass
            cursor.execute("UPDATE demo_outage SET until_us = %s WHERE until_us IS NULL", (_now_us(),))

    def _settle(self, sidecar: Sidecar) -> Verdict:
        """Wait until the checker has nothing to say, or until waiting longer would not help."""
        deadline = time.monotonic() + SETTLES_WITHIN
        while True:
            verdict = self._judge()
            if not verdict.problems() or time.monotonic() > deadline:
                return verdict
            self._watch(sidecar)

    def _judge(self) -> Verdict:
        with closing(self._stage.connect()) as connection:
            magento = read_magento(connection, prefix="")
        return judge(magento, read_ledger(self._stage.ledger))

    def _watch(self, sidecar: Sidecar) -> Glance:
        time.sleep(GLANCE)
        sidecar.complain_if_ended()
        glance = self._look()
        self._audience.glance(glance)
        return glance

    def _look(self) -> Glance:
        with closing(self._stage.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT COUNT(*) FROM sales_order), (SELECT COUNT(*) FROM erp_outbox),"
                " (SELECT COUNT(*) FROM sales_order WHERE ext_order_id IS NOT NULL)"
            )
            orders, events, acknowledged = cursor.fetchone() or (0, 0, 0)
        with closing(sqlite3.connect(f"file:{self._stage.ledger}?mode=ro", uri=True)) as ledger:
            counts = [
                ledger.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608 (our own words)
                for table in ("orders", "order_revisions", "stock_movements", "faults")
            ]
        return Glance(orders, events, acknowledged, *counts)


def _now_us() -> int:
    return time.time_ns() // 1000
