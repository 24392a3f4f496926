"""The fault plane: failures on demand, in one vocabulary for every sandbox.

A plan is a list of rules. A rule names an operation of the sandbox, a kind of failure, and when it strikes; each
sandbox has a repertoire, which says of every kind how its vendor shows it, or why it cannot happen there. A failure
strikes in one of three ways: nothing is done (INSTEAD), it is done and the caller does not learn so (AFTERWARDS), or it
is done otherwise than was asked and answered as if it were not (SILENTLY).
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from time import monotonic
from typing import Any, Final, Protocol, TypeVar

from erp_adapters.sandbox.caller import Caller
from erp_adapters.sandbox.plan_rules import Misfit, PlanError, check

JsonObject = dict[str, Any]
T = TypeVar("T")
ANY: Final = "any"
_MOST_REMEMBERED: Final = 1000


class Strikes(StrEnum):
    """What a failure does to the work that was asked for."""

    INSTEAD = "instead"
    AFTERWARDS = "afterwards"
    SILENTLY = "silently"


class Kind(StrEnum):
    """The ways in which an ERP, or the way to it, fails."""

    LOSE_REQUEST = "lose_request"
    LOSE_RESPONSE = "lose_response_after_commit"
    DELAY = "delay"
    HANG = "hang"
    ERROR_BEFORE = "http_500_before_commit"
    ERROR_AFTER = "http_500_after_commit"
    UNAVAILABLE = "http_503"
    THROTTLED = "http_429"
    QUOTA = "quota"
    REJECT = "reject"
    LOCKED_RECORD = "locked_record"
    CLOSED_PERIOD = "closed_period"
    CREDIT_HOLD = "credit_hold"
    EXPIRED_CREDENTIAL = "expired_credential"
    ACCEPT_LATER = "accept_later"
    DUPLICATE_ACCEPT = "duplicate_accept"
    PARTIAL_BATCH = "partial_batch"
    STALE_READ = "stale_read"
    REPEAT_ENTRIES = "repeat_entries"
    CURSOR_BACK = "cursor_back"
    DROP_LINE = "drop_line"
    DROP_CUSTOM_FIELDS = "drop_custom_fields"
    ROUND_TOTALS = "round_totals"
    CHANGE_PRICE = "change_price"
    MERGE_LINES = "merge_lines"
    APPEND_LINES = "append_lines"


AFTERWARDS: Final = frozenset({Kind.LOSE_RESPONSE, Kind.ERROR_AFTER, Kind.DELAY})
UNDONE: Final = frozenset(
    {
        Kind.LOSE_REQUEST,
        Kind.HANG,
        Kind.ERROR_BEFORE,
        Kind.UNAVAILABLE,
        Kind.THROTTLED,
        Kind.QUOTA,
        Kind.REJECT,
        Kind.LOCKED_RECORD,
        Kind.CLOSED_PERIOD,
        Kind.EXPIRED_CREDENTIAL,
    }
)
NEEDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.DELAY: ("seconds",),
    Kind.QUOTA: ("limit", "seconds"),
    Kind.REJECT: ("code", "message"),
    Kind.STALE_READ: ("seconds",),
}
"""The parameters without which a rule of the kind means nothing."""


def strikes(kind: Kind) -> Strikes:
    """What a kind does to the work."""
    if kind in UNDONE:
        return Strikes.INSTEAD
    return Strikes.AFTERWARDS if kind in AFTERWARDS else Strikes.SILENTLY


class Asked(Protocol):
    """A request as rules see it: what is asked, under which of the caller's references, for which of its events."""

    @property
    def operation(self) -> str: ...  # noqa: D102 -- said above
    @property
    def references(self) -> tuple[str, ...]: ...  # noqa: D102 -- said above
    @property
    def source_event(self) -> str | None: ...  # noqa: D102 -- said above


@dataclass(frozen=True)
class Request:
    """The simplest thing that rules can look at."""

    operation: str
    references: tuple[str, ...] = ()
    source_event: str | None = None


@dataclass(frozen=True)
class Play:
    """How a sandbox plays a kind: `words` as its vendor would say it, `operations` where there are not all."""

    words: str
    operations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repertoire:
    """Every kind is played, or said to be absent with the reason.

    `by_event`: operations whose references are those of a document that is there, so that what is sent again is known
    by the caller's event.
    """

    operations: tuple[str, ...]
    plays: Mapping[Kind, Play]
    lacks: Mapping[Kind, str]
    by_event: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a repertoire that is silent about a kind, or says both."""
        if self.plays.keys() & self.lacks.keys() or self.plays.keys() | self.lacks.keys() != set(Kind):
            raise ValueError("each kind of failure must be played or absent, and not both")

    def as_json(self) -> JsonObject:
        """Show it to whoever asks."""
        plays = {
            kind.value: {"words": play.words, "operations": list(play.operations or (ANY,)), "strikes": strikes(kind)}
            for kind, play in self.plays.items()
        }
        return {
            "operations": list(self.operations),
            "plays": plays,
            "lacks": {k.value: v for k, v in self.lacks.items()},
        }


@dataclass
class Rule:
    """One line of the plan, and how often it was met and fired."""

    asked: Mapping[str, Any]
    seen: int = 0
    fired: int = 0
    _window: deque[float] = field(default_factory=deque)

    @property
    def kind(self) -> Kind:
        """What happens when the rule fires."""
        return Kind(self.asked["kind"])

    @property
    def waits_before(self) -> float:
        """For how many seconds the work is put off."""
        return self._delay if self.asked.get("when", "before") == "before" else 0

    @property
    def waits_after(self) -> float:
        """For how many seconds the answer to finished work is put off."""
        return self._delay - self.waits_before

    @property
    def _delay(self) -> float:
        return float(self.asked["seconds"]) if self.kind is Kind.DELAY else 0

    @property
    def seconds(self) -> float | None:
        """The seconds of the rule, if it names any."""
        return float(self.asked["seconds"]) if "seconds" in self.asked else None

    @property
    def retry_after(self) -> int | None:
        """When the caller is told to come back, if the rule says so; a quota knows by itself."""
        if self.kind is Kind.QUOTA and self._window:
            return max(1, ceil(self._window[0] + float(self.asked["seconds"]) - monotonic()))
        return int(self.asked["retryAfter"]) if "retryAfter" in self.asked else None

    @property
    def code(self) -> str:
        """The vendor's code of the refusal that the rule asks for."""
        return str(self.asked.get("code", ""))

    @property
    def message(self) -> str:
        """Its words."""
        return str(self.asked.get("message", ""))

    @property
    def left(self) -> int | None:
        """How many times it will still fire; None is without end."""
        endless = "probability" in self.asked or self.kind is Kind.QUOTA
        count = self.asked.get("count", None if endless else 1)
        return None if count is None else int(count) - self.fired

    def concerns(self, call: Asked) -> bool:
        """Whether this is a request of the rule's operation."""
        return self.asked["operation"] in (ANY, call.operation)

    @property
    def is_for_new_references(self) -> bool:
        """Whether it spares what is sent again."""
        return bool(self.asked.get("references") == "new")

    def is_due(self, call: Asked, names: tuple[str, ...], chance: random.Random, named: AbstractSet[str]) -> bool:
        """Whether the rule fires now; each trigger has its own test. `named` are the names of earlier requests."""
        if self.left == 0:
            return False
        if self.is_for_new_references and not named.isdisjoint(names):
            return False
        if self.kind is Kind.QUOTA:
            return self._is_used_up()
        if "nth" in self.asked:
            return self.seen >= int(self.asked["nth"])
        if "match" in self.asked:
            return _matches(self.asked["match"], call)
        return chance.random() < float(self.asked["probability"])

    def _is_used_up(self) -> bool:
        """Count a request of the window, or refuse it: as many as `limit` are served in any `seconds`."""
        now = monotonic()
        while self._window and self._window[0] <= now - float(self.asked["seconds"]):
            self._window.popleft()
        if len(self._window) >= int(self.asked["limit"]):
            return True
        self._window.append(now)
        return False

    def as_json(self) -> JsonObject:
        """Show the rule as it was asked for, and what is left of it."""
        return {**self.asked, "seen": self.seen, "left": self.left}


class FaultPlan:
    """The rules in force. Counting and drawing happen one request at a time."""

    def __init__(self, repertoire: Repertoire, seed: int = 0) -> None:
        """Begin without rules; the seed decides everything that is left to chance."""
        self.repertoire = repertoire
        self._chance = random.Random(seed)  # noqa: S311 - repeatable chance is the point
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._named: set[str] = set()
        self._struck: deque[JsonObject] = deque(maxlen=_MOST_REMEMBERED)

    def has_effect(self, kind: Kind, call: Any) -> bool:  # noqa: ARG002, ANN401 -- for those who know their own requests
        """Whether a silent failure would change anything of this request; one that would not stays armed."""
        return True

    def replace(self, rules: Sequence[JsonObject]) -> None:
        """Put a new plan into force. Raises PlanError if a rule makes no sense."""
        misfits = check(rules, self._allowed(), {kind.value: needed for kind, needed in NEEDS.items()})
        if misfits:
            raise PlanError(misfits)
        with self._lock:
            self._rules = [Rule(rule) for rule in rules]
            self._named = set()

    def draw(self, call: Asked) -> Rule | None:
        """Count this request everywhere, and give the first rule that fires."""
        names = self._names_of(call)
        with self._lock:
            concerned = [rule for rule in self._rules if rule.concerns(call)]
            for rule in concerned:
                rule.seen += 1
            struck = next((rule for rule in concerned if self._is_due(rule, call, names)), None)
            if struck:
                struck.fired += 1
                told = {"kind": struck.kind.value, "operation": call.operation, "references": list(call.references)}
                self._struck.append(told)
            if any(rule.is_for_new_references for rule in self._rules):
                self._named.update(call.references, names)
            return struck

    def give_back(self, rule: Rule) -> None:
        """Arm a rule again whose fault changed nothing, because the request was refused."""
        with self._lock:
            rule.fired -= 1

    def as_json(self) -> list[JsonObject]:
        """Show every rule and what is left of it."""
        with self._lock:
            return [rule.as_json() for rule in self._rules]

    def struck(self) -> list[JsonObject]:
        """Show what has fired since the start, oldest first; of very many the newest."""
        with self._lock:
            return list(self._struck)

    def _allowed(self) -> Mapping[str, tuple[str, ...]]:
        """The operations of each kind that is played."""
        everywhere = self.repertoire.operations
        return {kind.value: play.operations or everywhere for kind, play in self.repertoire.plays.items()}

    def _is_due(self, rule: Rule, call: Asked, names: tuple[str, ...]) -> bool:
        play = self.repertoire.plays[rule.kind]
        fits = not play.operations or call.operation in play.operations
        return fits and self.has_effect(rule.kind, call) and rule.is_due(call, names, self._chance, self._named)

    def _names_of(self, call: Asked) -> tuple[str, ...]:
        """What makes a request one that is sent again."""
        if call.operation in self.repertoire.by_event and call.source_event:
            return (call.source_event,)
        return call.references


def play(rule: Rule | None, caller: Caller, work: Callable[[], T], instead: Callable[[Rule], T]) -> T | None:
    """Let a request happen with its failure around it; None: close the connection without a word.

    `instead` gives the vendor's answer to work that was left undone, or whose success nobody is told. What a silent
    failure does is the work's own matter.
    """
    if rule is None:
        return work()
    if strikes(rule.kind) is Strikes.INSTEAD:
        if rule.kind is Kind.HANG:
            caller.wait_until_gone()
        return None if rule.kind in (Kind.HANG, Kind.LOSE_REQUEST) else instead(rule)
    caller.wait(rule.waits_before)
    answer = work()
    caller.wait(rule.waits_after)
    if rule.kind is Kind.LOSE_RESPONSE:
        return None
    return instead(rule) if rule.kind is Kind.ERROR_AFTER else answer


def control(plan: FaultPlan, method: str, body: object) -> tuple[int, JsonObject]:
    """Answer `/_control/faults`: GET shows the plan, what has fired and the repertoire; POST replaces the plan."""
    if method != "POST":
        return 200, {"plan": plan.as_json(), "injected": plan.struck(), **plan.repertoire.as_json()}
    rules = body.get("plan") if isinstance(body, dict) else None
    if not isinstance(rules, list):
        return _refused(PlanError([Misfit("plan", "must be a list of rules")]))
    try:
        plan.replace(rules)
    except PlanError as wrong:
        return _refused(wrong)
    return 200, {"accepted": len(rules)}


def _refused(wrong: PlanError) -> tuple[int, JsonObject]:
    details = [{"path": misfit.path, "message": misfit.message} for misfit in wrong.misfits]
    return 400, {"error": {"code": "VALIDATION_FAILED", "message": str(wrong), "details": details}}


def _matches(wanted: Mapping[str, str], call: Asked) -> bool:
    same_reference = "reference" not in wanted or wanted["reference"] in call.references
    same_event = "sourceEvent" not in wanted or wanted["sourceEvent"] == call.source_event
    return same_reference and same_event
