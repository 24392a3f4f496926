"""A run: the shop sells, everything is struck in turn, then all is left in peace, and the checker counts."""

import heapq
import itertools
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Protocol

import pymysql

from ops.chaos_run import faults, schedule
from ops.chaos_run.checker import Strikes, Verdict, judge
from ops.chaos_run.commit_log import read_commit_logs, read_conflicts
from ops.chaos_run.evidence import read_commits, read_ledger, read_magento
from ops.chaos_run.person import Person
from ops.chaos_run.shop import HISTORY
from ops.chaos_run.stage import SLOTS, Purge, Shop, Sidecar, Stage, open_erps
from ops.demonstration.stage import StageError

WRITERS = 6
OWNED_WITHIN = 60.0
GLANCE = 0.05
NOBODY_UP = 0.5
"""Both sidecars are down or frozen: a strike waits so long and is not forgotten."""

TELL_EVERY = 5.0
LONGEST_PAUSE_BETWEEN_PURGES = 10.0
LOOK_AT_REFUSED_LINES_EVERY = 5.0
JUDGE_EVERY = 2.0
STANDS_STILL = 90.0
"""Seconds in which nothing that the checker counts has changed: longer than any wait between two attempts."""

OWNER = (
    "SELECT account FROM chaos_trail WHERE kind = 'takeover' AND destination = 'exact' AND stream = 'documents'"
    " ORDER BY id DESC LIMIT 1"
)
PROGRESS = (
    "SELECT (SELECT COUNT(*) FROM sales_order), (SELECT COALESCE(MAX(id), 0) FROM erp_outbox),"
    " (SELECT COUNT(*) FROM sales_order WHERE ext_order_id IS NOT NULL),"
    " (SELECT COUNT(*) FROM erp_delivery WHERE state NOT IN ('held', 'waiting'))"
)


@dataclass(frozen=True, slots=True)
class Script:
    """How a run goes."""

    seed: int
    seconds: float
    rate: float


class Audience(Protocol):
    """Who watches."""

    def say(self, words: str) -> None:
        """Something happened that is worth a line."""
        ...


class Run:
    """One run on a stage that is built."""

    def __init__(self, stage: Stage, script: Script, audience: Audience) -> None:
        """Nothing runs yet."""
        self._stage, self._script, self._audience = stage, script, audience
        self._strikes = Strikes()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._recoveries: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._sidecars: dict[str, Sidecar] = {}
        self._person = Person(stage)

    def play(self) -> Verdict:
        """Play the run and return what the checker says; raises StageError when the stage itself breaks."""
        with ExitStack() as stack:
            erps = stack.enter_context(open_erps(self._stage, self._script.seed))
            for name, erp in erps.items():
                erp.plan(faults.plan(name))
            for slot in SLOTS:
                self._sidecars[slot] = Sidecar(self._stage, slot)
                stack.callback(self._sidecars[slot].stop)
            self._wait_for_an_owner()
            self._audience.say("The shop opens")
            shop = Shop(self._stage, self._script.seed, WRITERS, self._script.rate)
            try:
                self._strike(shop)
            finally:
                shop.close()
            shop.complain_if_broken()
            self._audience.say("The shop is closed and nothing is struck any more; what is under way comes to its end")
            for erp in erps.values():
                erp.plan([])
            self._calm()
            return self._settle()

    def _wait_for_an_owner(self) -> None:
        ends_at = time.monotonic() + OWNED_WITHIN
        while not self._owner():
            if time.monotonic() > ends_at:
                raise StageError("No sidecar has taken its lease.")
            time.sleep(GLANCE)

    # -- striking ------------------------------------------------------------------------------------------------

    def _strike(self, shop: Shop) -> None:
        began, told = time.monotonic(), 0.0
        looked = began
        purge, purged = Purge(self._stage, self._rows_a_purge()), began
        for strike in schedule.draw(self._script.seed, self._script.seconds):
            self._strike_at(began + strike.at, strike)
        while time.monotonic() < began + self._script.seconds:
            for plan in (self._recoveries, self._due):
                while plan and plan[0][0] <= time.monotonic():
                    heapq.heappop(plan)[2]()
            if time.monotonic() > purged + self._purge_every:
                purged = time.monotonic()
                purge.begin()
            if time.monotonic() > looked + LOOK_AT_REFUSED_LINES_EVERY:
                looked = time.monotonic()
                self._person.begin()
            if time.monotonic() > told + TELL_EVERY:
                told = time.monotonic()
                shop.complain_if_broken()
                self._tell()
            time.sleep(GLANCE)
        purge.end()
        self._person.end()

    def _rows_a_purge(self) -> int:
        """So many that there is something left to purge until the end."""
        return max(1, int(HISTORY * self._purge_every / self._script.seconds))

    @property
    def _purge_every(self) -> float:
        return min(self._script.seconds / 4, LONGEST_PAUSE_BETWEEN_PURGES)

    def _strike_at(self, at: float, strike: schedule.Strike) -> None:
        blows = {"kill": self._kill, "freeze": self._freeze, "database": self._crash_database}
        heapq.heappush(self._due, (at, next(self._numbers), lambda: blows[strike.blow](strike)))

    def _recover_in(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._recoveries, (time.monotonic() + seconds, next(self._numbers), act))

    def _kill(self, strike: schedule.Strike) -> None:
        victim = self._victim(strike)
        if victim is None:
            self._strike_at(time.monotonic() + NOBODY_UP, strike)
            return
        self._note_blow_to(victim)
        victim.kill()
        self._strikes = replace(self._strikes, kills=self._strikes.kills + 1)
        self._recover_in(strike.lasts, victim.start)

    def _freeze(self, strike: schedule.Strike) -> None:
        victim = self._victim(strike)
        if victim is None:
            self._strike_at(time.monotonic() + NOBODY_UP, strike)
            return
        self._note_blow_to(victim)
        victim.freeze()
        self._strikes = replace(self._strikes, freezes=self._strikes.freezes + 1)
        self._recover_in(strike.lasts, victim.thaw)

    def _crash_database(self, strike: schedule.Strike) -> None:
        server = self._stage.server
        self._note_blow()
        server.kill()
        time.sleep(strike.lasts)
        server.start()
        self._note_blow()  # whoever was to take over then begins only now
        self._strikes = replace(self._strikes, db_restarts=self._strikes.db_restarts + 1)

    def _note_blow(self) -> int:
        at_us = time.time_ns() // 1000
        self._strikes = replace(self._strikes, blows_us=(*self._strikes.blows_us, at_us))
        return at_us

    def _note_blow_to(self, victim: Sidecar) -> None:
        at_us = self._note_blow()
        stands_by = [sidecar for sidecar in self._sidecars.values() if sidecar is not victim and sidecar.is_ready]
        if stands_by and victim.account == self._owner():
            struck = (*self._strikes.owners_struck_us, at_us)
            self._strikes = replace(self._strikes, owners_struck_us=struck)

    def _victim(self, strike: schedule.Strike) -> Sidecar | None:
        """The sidecar that owns the lease, or the other one; another that runs, where that one does not."""
        running = [sidecar for sidecar in self._sidecars.values() if sidecar.runs]
        owner = self._owner()
        running.sort(key=lambda sidecar: (sidecar.account == owner) is not strike.at_the_owner)
        return running[0] if running else None

    def _owner(self) -> str:
        try:
            with closing(self._stage.connect()) as connection, connection.cursor() as cursor:
                cursor.execute(OWNER)
                (account,) = cursor.fetchone() or ("",)
        except pymysql.MySQLError:
            return ""
        return str(account).partition("@")[0]

    # -- settling ------------------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """Bring back what is down; one sidecar goes on alone."""
        for _, _, act in sorted(self._recoveries):
            act()
        first, second = self._sidecars.values()
        first.stop()
        if not second.runs:
            raise StageError("The last sidecar does not run.")

    def _settle(self) -> Verdict:
        """Wait until the checker has nothing to say, or until nothing moves any more.

        A backlog may take as long as it takes; what stands still is lost.
        """
        told = moved = time.monotonic()
        counted: dict[str, object] = {}
        while True:
            began = time.monotonic()
            verdict = self._judge()
            if verdict.kept_back:
                self._person.look()
            if verdict.numbers() != counted:
                counted, moved = verdict.numbers(), time.monotonic()
            if not verdict.problems() or time.monotonic() > moved + STANDS_STILL:
                return verdict
            if time.monotonic() > told + TELL_EVERY:
                told = time.monotonic()
                self._audience.say(f"Not yet: {verdict.problems()[0][:160]}")
            self._sidecars["b"].runs  # noqa: B018 (raises when it ended)
            time.sleep(max(JUDGE_EVERY, time.monotonic() - began))  # a long look takes the processor from the relay

    def _judge(self) -> Verdict:
        with closing(self._stage.connect()) as connection:
            magento = read_magento(connection)
        ledgers = {home.name: read_ledger(home.ledger) for home in self._stage.homes}
        commits, conflicts = (
            read_commits(list(read_commit_logs(self._stage.folder))),
            read_conflicts(self._stage.folder),
        )
        return judge(commits, magento, ledgers, self._strikes, list(conflicts))

    # -- telling -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        strikes = self._strikes
        try:
            with closing(self._stage.connect()) as connection, connection.cursor() as cursor:
                cursor.execute(PROGRESS)
                orders, events, acknowledged, stopped = cursor.fetchone() or (0, 0, 0, 0)
        except pymysql.MySQLError:
            self._audience.say("The database is down")
            return
        there = ", ".join(f"{self._documents(home.ledger)} {home.name}" for home in self._stage.homes)
        self._audience.say(
            f"{orders} orders, {events} events; at the ERPs {there}; {acknowledged} acknowledged, {stopped} stopped;"
            f" {strikes.kills} kills, {strikes.freezes} freezes, {strikes.db_restarts} crashes of the database"
        )

    @staticmethod
    def _documents(ledger: object) -> int:
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM orders").fetchone()[0])
