"""`erp-sidecar stock baseline|import`: an ERP's stock in Magento, what it would change, and what people decide."""

import argparse

from sidecar.cli.decisions import known_destination, who_decides
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.domain.errors import NotPossible
from sidecar.domain.money import text_of
from sidecar.domain.reconciliation import FindingKind
from sidecar.domain.stock_feed import Snapshot, SnapshotState
from sidecar.domain.stock_rule import Held
from sidecar.engine.stock_outlook import Outlook, outlook_of
from sidecar.telemetry import Telemetry
from sidecar.wiring import Feeding, Installation, install

_TAKEN = frozenset({SnapshotState.ACCEPTED, SnapshotState.BASELINE, SnapshotState.IMPORTED})
_READ = frozenset({SnapshotState.COMPLETE, SnapshotState.BASELINE, SnapshotState.IMPORTED})


def register(verbs: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verbs to the noun `stock`."""
    baseline = verbs.add_parser(
        "baseline", parents=[shared], help="the first reading of an ERP's stock: show, or take it"
    )
    baseline.add_argument("destination")
    baseline.add_argument("--apply", action="store_true", help="take it: the relay writes it, and goes on from there")
    baseline.add_argument("--reason", help="why; it is kept with your name")
    baseline.set_defaults(command=_baseline)

    imports = verbs.add_parser("import", parents=[shared], help="read an ERP's stock and write it into Magento now")
    imports.add_argument("destination")
    imports.add_argument("--dry-run", action="store_true", help="judge the newest reading, and write nothing")
    imports.add_argument("--sku", help="a SKU whose jump is held")
    imports.add_argument("--accept", action="store_true", help="take that jump for right, once")
    imports.add_argument("--reason", help="why; it is kept with your name")
    imports.set_defaults(command=_import)


def _baseline(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        feeding = _feeding(installation, options.destination)
        name, store = feeding.policy.name, feeding.snapshots
        taken = store.newest(name, _TAKEN)
        if taken is not None:
            state = "is taken, and written next" if taken.state is SnapshotState.ACCEPTED else "was taken"
            message = f"the first reading of {name} {state}: the stock goes on by itself"
            raise NotPossible(message, hint=f"erp-sidecar stock import {name} --dry-run")
        reading = _newest(feeding, {SnapshotState.COMPLETE})
        outlook = outlook_of(feeding.judging().begin(reading, guards_jumps=False))
        if options.apply:
            _must_say_why(options.reason)
            store.accept_baseline(name, reading.number, who_decides(), options.reason)
    _show(output, reading, outlook, applied=options.apply)
    return 0


def _import(options: argparse.Namespace, output: Output) -> int:
    if options.accept or options.sku:
        return _accept(options, output)
    with install(options.settings, Telemetry()) as installation:
        feeding = _feeding(installation, options.destination)
        if options.dry_run:
            reading = _newest(feeding, _READ)
            _show(output, reading, outlook_of(feeding.judging().begin(reading)), applied=False)
            return 0
        _must_be_taken(feeding)
        with installation.guarded():
            feeding.import_once()
        newest = feeding.snapshots.newest(feeding.policy.name, set(SnapshotState))
    state = "nothing" if newest is None else str(newest.state)
    number, why = (0, "") if newest is None else (newest.number, newest.why)
    done = state == SnapshotState.IMPORTED
    words = f"Reading {number} is {state}" + (f": {why}" if why else "")
    output.say(
        f"{words}; erp-sidecar finding list shows what is held.", reading=number, state=state, why=why, done=done
    )
    return 0 if done else 1


def _accept(options: argparse.Namespace, output: Output) -> int:
    if not (options.accept and options.sku):
        raise NotPossible(
            "--sku and --accept go together", hint="erp-sidecar stock import DEST --sku X --accept --reason '...'"
        )
    _must_say_why(options.reason)
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        feeding = _feeding(installation, options.destination)
        name, sku = feeding.policy.name, options.sku
        reading = _newest(feeding, _READ)
        judging = feeding.judging().begin(reading)
        verdict = judging.judge({sku: feeding.snapshots.levels_of(reading.number, [sku])}).verdicts.get(sku)
        if not isinstance(verdict, Held) or verdict.kind is not FindingKind.STOCK_JUMP or verdict.after is None:
            message = f"nothing of {sku} is held for its jump at {name}"
            raise NotPossible(message, hint="erp-sidecar finding list")
        feeding.snapshots.accept_jump(name, sku, verdict.after, verdict.erp, actor, options.reason)
    facts = {"sku": sku, "before": verdict.magento, "after": text_of(verdict.after)}
    words = f"{sku}: {facts['before']} to about {facts['after']} is accepted, once; recorded as decided by {actor}"
    output.say(f"{words}. It is written with the next import.", **facts, done=True)
    return 0


def _feeding(installation: Installation, destination: str) -> Feeding:
    name = known_destination(destination, list(installation.blueprint.destinations))
    return Feeding(installation, name)


def _newest(feeding: Feeding, states: frozenset[SnapshotState] | set[SnapshotState]) -> Snapshot:
    name = feeding.policy.name
    reading = feeding.snapshots.newest(name, states)
    if reading is None:
        latest = feeding.snapshots.newest(name, set(SnapshotState))
        why = f"; the newest is {latest.state}: {latest.why}" if latest is not None else ""
        message = f"the stock of {name} has not been read to its end yet{why}"
        raise NotPossible(message, hint=f"it is read every {feeding.feed.every} while the daemon runs: erp-sidecar run")
    return reading


def _must_be_taken(feeding: Feeding) -> None:
    name = feeding.policy.name
    if feeding.snapshots.newest(name, _TAKEN) is None:
        message = f"nobody has taken the first reading of {name} yet"
        raise NotPossible(message, hint=f"erp-sidecar stock baseline {name}")


def _must_say_why(reason: str | None) -> None:
    if not reason:
        raise NotPossible("a decision has a reason", hint="add --reason '...'; it is kept with your name")


def _show(output: Output, reading: Snapshot, outlook: Outlook, *, applied: bool) -> None:
    facts: dict[str, object] = {
        "reading": reading.number,
        "read_at": None if reading.first is None else reading.first.isoformat(),
        "levels": reading.levels,
        "skus": outlook.skus,
        "rows_to_change": outlook.rows,
        "unchanged": outlook.unchanged,
        "held": outlook.held_count,
        "waiting": outlook.waiting,
        "kept": outlook.kept,
        "unknown": outlook.unknown,
        "total_before": text_of(outlook.before),
        "total_after": text_of(outlook.after),
    }
    largest = [
        {"sku": shift.sku, "before": text_of(shift.before), "after": text_of(shift.after)} for shift in outlook.largest
    ]
    held = [{"sku": sku, "kind": str(one.kind), "magento": one.magento, "erp": one.erp} for sku, one in outlook.held]
    if output.as_json:
        output.say("", **facts, largest=largest, held_skus=held, applied=applied)
        return
    told = [{"what": name.replace("_", " "), "value": value} for name, value in facts.items()]
    output.table(f"Reading {reading.number}", told, empty="")
    output.table("The largest changes", largest, empty="No row would change.")
    if held:
        output.table("Held for a person", held, empty="")
    output.say("It is taken, and written next; later ones follow by themselves." if applied else "Nothing was written.")
