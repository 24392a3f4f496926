"""Examination: what the doctor concludes from what was found. Pure, so that what no server here can show is tested too.

A check is OK only where something was seen that says so. What nobody could see is UNKNOWN, and says how to find out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sidecar.domain.contract import Contract, KeptContract, changes_between
from sidecar.domain.events import SCHEMA_VERSIONS, EventType


class Verdict(StrEnum):
    """What became of one check; only FAIL makes the doctor fail."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's: what was found, and what to type where it is not well."""

    check: str
    state: Verdict
    found: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says about itself; names of variables in lower case. None: it would not say."""

    variables: Mapping[str, str]
    cluster: Mapping[str, str] = field(default_factory=dict)
    replica_threads: int | None = None
    writers: int = 1
    largest_payload: int = 0


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What the shop shows of the module: its newest order, whether that has an event, and what events come.

    `event_versions` counts pairs of type and schema version among the newest events; ages are by the database's clock.
    """

    newest_order: int | None
    newest_order_age: timedelta
    newest_order_has_event: bool
    event_versions: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """Magento's pairs of (state, status) with their visibility to customers, and each state's default status."""

    visible: Mapping[tuple[str, str], bool]
    defaults: Mapping[str, str]


CLOCK_SKEW: Final = timedelta(seconds=2)
ERP_SKEW: Final = timedelta(seconds=30)
CERTIFICATE_ENDS_SOON: Final = timedelta(days=14)
FEW_CHANGES: Final = 5
SMALLEST_PACKET: Final = 4 * 1024 * 1024
FEWEST_BYTES: Final = 100 * 1024 * 1024
_LATE: Final = timedelta(minutes=1)
_STALE: Final = timedelta(days=1)
_ONE_WRITER: Final = "let shop and sidecar connect to one and the same node, past any balancing proxy"


def judge_server(facts: ServerFacts) -> list[Check]:
    """Everything about the server that is not about our tables."""
    return [
        _replication(facts),
        _cluster(facts),
        _ids(facts),
        *_durability(facts.variables),
        _binlog(facts.variables),
        _packets(facts),
    ]


def judge_shop(facts: ShopFacts) -> list[Check]:
    """Whether the module writes events, and such as this sidecar can read."""
    return [_module(facts), _versions(facts)]


def judge_statuses(wanted: Iterable[tuple[str, str]], facts: StatusFacts) -> list[Check]:
    """Whether each (state, status) that the lifecycle map may write can stand in Magento, and is seen there."""
    pairs = sorted(set(wanted), key=lambda pair: (pair[1], pair[0]))
    absent: dict[str, list[str]] = {}
    for state, status in pairs:
        if (state, status) not in facts.visible:
            absent.setdefault(status, []).append(state)
    checks = [_absent(status, states) for status, states in absent.items()]
    checks += [_hidden(state, status) for state, status in pairs if _vanishes(state, status, facts)]
    if checks or not pairs:
        return checks
    return [Check("order statuses", Verdict.OK, f"{len(pairs)} that the blueprint names belong to their states")]


def judge_exports(named: Sequence[str], told: frozenset[str] | None) -> list[Check]:
    """Whether the shop tells of its products what the blueprint names; `told` is what the newest events tell of."""
    check = "exported attributes"
    if not named:
        return []
    if told is None:
        do = "bin/magento erp-sidecar:outbox:status tells what the shop exports"
        return [Check(check, Verdict.UNKNOWN, "no event of a product to look at", do)]
    more = sorted(told.difference(named))
    if more:
        found = f"the shop tells of {', '.join(more)}, which exports.products does not name"
        return [Check(check, Verdict.WARN, found, export_command(named))]
    return [
        Check(check, Verdict.OK, f"the newest events tell of nothing but the {len(named)} that the blueprint names")
    ]


def export_command(named: Sequence[str]) -> str:
    """What a person types in the shop so that it exports what the blueprint names."""
    return f"bin/magento config:set erp_sidecar_outbox/catalog/attributes {','.join(named)}"


def judge_clock(name: str, skew: timedelta | None, allowed: timedelta) -> Check:
    """Whether a clock goes as this host's does."""
    check = f"clock of {name}"
    if skew is None:
        return Check(check, Verdict.UNKNOWN, "it does not tell its time", "compare it with this host's by hand")
    found = f"{abs(skew.total_seconds()):.1f} s {'ahead' if skew > timedelta() else 'behind'}"
    if abs(skew) <= allowed:
        return Check(check, Verdict.OK, found)
    return Check(check, Verdict.WARN, found, "timedatectl set-ntp true, on whichever host is wrong")


def judge_certificate(name: str, whose: str, left: timedelta) -> Check:
    """Whether a certificate on the way to a destination holds for two weeks yet."""
    check = f"certificates of {name}"
    if left <= timedelta():
        return Check(check, Verdict.FAIL, f"{whose} has ended", _renewed(whose))
    found = f"{whose} ends in {left.days} days"
    if left < CERTIFICATE_ENDS_SOON:
        return Check(check, Verdict.WARN, found, _renewed(whose))
    return Check(check, Verdict.OK, found)


def judge_contract(name: str, seen: Contract, accepted: KeptContract | None) -> list[Check]:
    """Whether an ERP's interface is the one that was accepted; nothing is said of one that never told anything."""
    check = f"interface of {name}"
    if not seen.terms:
        found = f"it told {accepted.short} before, and tells nothing now" if accepted else ""
        return [Check(check, Verdict.UNKNOWN, found, "ask its owners")] if accepted else []
    if accepted is None:
        return [Check(check, Verdict.OK, f"{seen.digest[:12]}; the service keeps it when it runs")]
    if accepted.digest == seen.digest:
        return [Check(check, Verdict.OK, f"{accepted.short}, as accepted ({accepted.accepted_by})")]
    words = changes_between(accepted.terms, seen.terms)
    more = f"; and {len(words) - FEW_CHANGES} more" if len(words) > FEW_CHANGES else ""
    found = f"{seen.digest[:12]}, which nobody has accepted: {'; '.join(words[:FEW_CHANGES])}{more}"
    do = f'try it on a test system, then erp-sidecar contract accept {name} {seen.digest[:12]} --reason "..."'
    return [Check(check, Verdict.WARN, found, do)]


def _renewed(whose: str) -> str:
    if whose.startswith("our"):
        return "renew it and put it in the place of the old file: the next connection shows it"
    return "tell its owners to renew it; a new authority goes into tls.ca_file before that"


def judge_disk(folder: str, free: int | None) -> Check:
    """Whether the state directory has room."""
    if free is None:
        return Check("state_dir", Verdict.UNKNOWN, f"{folder} is not there yet", "systemctl start erp-sidecar makes it")
    found = f"{folder}: {free // (1024 * 1024)} MiB free"
    if free >= FEWEST_BYTES:
        return Check("state_dir", Verdict.OK, found)
    return Check("state_dir", Verdict.FAIL if free == 0 else Verdict.WARN, found, f"make room: df -h {folder}")


def _replication(facts: ServerFacts) -> Check:
    told = facts.variables
    closed = [name for name in ("read_only", "super_read_only", "innodb_read_only") if _is_on(told.get(name))]
    if closed:
        found = f"{', '.join(closed)} is on: this is a replica, or was made one"
        return Check("replication role", Verdict.FAIL, found, "set database.host in sidecar.toml to the primary")
    if facts.replica_threads is None:
        do = "GRANT PROCESS ON *.* to the sidecar's user"
        return Check("replication role", Verdict.UNKNOWN, "writable; replication threads cannot be seen", do)
    if facts.replica_threads:
        found = "writable, and yet it replicates from another server: its events may be another node's"
        return Check("replication role", Verdict.WARN, found, "set database.host in sidecar.toml to the primary")
    return Check("replication role", Verdict.OK, "writable, replicates from nobody now")


def _cluster(facts: ServerFacts) -> Check:
    told, cluster = facts.variables, facts.cluster
    if _is_on(told.get("wsrep_on")) and told.get("wsrep_provider", "none") != "none":
        node = told.get("wsrep_node_name", "?")
        size, state = cluster.get("wsrep_cluster_size", "?"), cluster.get("wsrep_cluster_status", "?")
        found = f"Galera, node {node} of {size}, {state}"
        if not _is_on(cluster.get("wsrep_ready")) or state != "Primary":
            return Check("cluster", Verdict.FAIL, f"{found}, not ready", "bring the node back into the cluster first")
        if facts.writers > 1:
            return Check("cluster", Verdict.FAIL, f"{found}; {facts.writers} nodes have written events", _ONE_WRITER)
        return Check("cluster", Verdict.WARN, f"{found}; one node has written the newest events", _ONE_WRITER)
    if told.get("group_replication_group_name"):
        if not _is_on(told.get("group_replication_single_primary_mode")):
            do = "SELECT group_replication_switch_to_single_primary_mode()"
            return Check("cluster", Verdict.FAIL, "group replication with several primaries", do)
        return Check("cluster", Verdict.OK, "group replication with one primary, this one")
    return Check("cluster", Verdict.OK, "none")


def _ids(facts: ServerFacts) -> Check:
    step = int(facts.variables.get("auto_increment_increment", "1"))
    found = f"ids go up by {step}"
    if facts.writers > 1:
        found = f"{found}; the newest events come from {facts.writers} writers"
        return Check("auto_increment", Verdict.FAIL, found, _ONE_WRITER)
    if step == 1:
        return Check("auto_increment", Verdict.OK, found)
    do = "SET GLOBAL auto_increment_increment = 1, if this is the only node that is written to"
    return Check("auto_increment", Verdict.WARN, f"{found}: each event leaves {step - 1} gaps to be watched", do)


def _durability(told: Mapping[str, str]) -> list[Check]:
    flush = told.get("innodb_flush_log_at_trx_commit", "?")
    found = f"innodb_flush_log_at_trx_commit is {flush}"
    if flush == "1":
        checks = [Check("durability", Verdict.OK, found)]
    else:
        do = "SET GLOBAL innodb_flush_log_at_trx_commit = 1"
        lost = f"{found}: a power cut takes the last second of orders with it, which the ERP may have already"
        checks = [Check("durability", Verdict.WARN, lost, do)]
    if _is_on(told.get("log_bin")) and told.get("sync_binlog") != "1":
        lost = f"sync_binlog is {told.get('sync_binlog')}: after a crash replicas may lack what the ERP was told"
        checks.append(Check("durability of the binlog", Verdict.WARN, lost, "SET GLOBAL sync_binlog = 1"))
    return checks


def _binlog(told: Mapping[str, str]) -> Check:
    if not _is_on(told.get("log_bin")):
        return Check("binlog", Verdict.OK, "off")
    form = told.get("binlog_format", "?")
    if form == "STATEMENT":
        found = "binlog_format is STATEMENT, which forbids writes at READ COMMITTED"
        return Check("binlog", Verdict.FAIL, found, "SET GLOBAL binlog_format = 'ROW'")
    return Check("binlog", Verdict.OK, f"on, {form}")


def _packets(facts: ServerFacts) -> Check:
    packet = int(facts.variables.get("max_allowed_packet", "0"))
    found = f"max_allowed_packet is {packet}; the largest of the newest payloads has {facts.largest_payload} bytes"
    do = "SET GLOBAL max_allowed_packet = 67108864"
    if packet <= facts.largest_payload:
        return Check("packets", Verdict.FAIL, found, do)
    if packet < max(SMALLEST_PACKET, 2 * facts.largest_payload):
        return Check("packets", Verdict.WARN, found, do)
    return Check("packets", Verdict.OK, found)


def _module(facts: ShopFacts) -> Check:
    check, do = "module", "bin/magento module:status ErpSidecar_Outbox, and the shop's var/log/exception.log"
    if facts.newest_order is None:
        return Check(check, Verdict.UNKNOWN, "the shop has no order yet", do)
    named = f"the newest order, {facts.newest_order},"
    if facts.newest_order_has_event:
        return Check(check, Verdict.OK, f"{named} has its event")
    if _LATE < facts.newest_order_age < _STALE:
        return Check(check, Verdict.FAIL, f"{named} has no event", do)
    return Check(check, Verdict.UNKNOWN, f"{named} is too new or too old to tell", do)


def _absent(status: str, states: Sequence[str]) -> Check:
    label = status.removeprefix("erp_").replace("_", " ")
    do = f'bin/magento erp-sidecar:statuses:create {status} "ERP: {label}" {" ".join(states)}'
    return Check("order statuses", Verdict.FAIL, f"{status} does not belong to {', '.join(states)} in Magento", do)


def _vanishes(state: str, status: str, facts: StatusFacts) -> bool:
    """Tell whether an order that its customer sees would be gone from the customer's account."""
    seen = facts.visible.get((state, facts.defaults.get(state, "")), True)
    return seen and not facts.visible.get((state, status), True)


def _hidden(state: str, status: str) -> Check:
    found = f"{status} is hidden in {state}: orders that show it vanish from their customers' accounts"
    do = "make it visible on the storefront: Stores > Order Status > Assign Status to State"
    return Check("order statuses", Verdict.WARN, found, do)


def _versions(facts: ShopFacts) -> Check:
    strange = sorted({f"{kind} {version}" for kind, version in facts.event_versions if not _is_read(kind, version)})
    if strange:
        found = f"events that this sidecar cannot read: {', '.join(strange)}"
        return Check("module's version", Verdict.FAIL, found, "upgrade the sidecar: the module is newer")
    if not facts.event_versions:
        return Check("module's version", Verdict.UNKNOWN, "no event to look at", "place an order, then ask again")
    return Check("module's version", Verdict.OK, "this sidecar reads every version among the newest events")


def _is_read(kind: str, version: int) -> bool:
    return kind not in list(EventType) or version in SCHEMA_VERSIONS.get(EventType(kind), ())


def _is_on(value: str | None) -> bool:
    return (value or "").upper() in ("ON", "1", "YES")
