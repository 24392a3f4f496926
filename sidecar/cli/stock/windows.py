"""`erp-sidecar stock windows`: how many stock changes went in, how few calls came out, and what is still to go."""

import argparse
from datetime import timedelta
from pathlib import Path
from typing import Final

from sidecar.cli.decisions import known_destination
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, duration
from sidecar.cli.stock.drawing import over_time, save_png
from sidecar.domain.events import DestinationName
from sidecar.domain.stock_picture import Flow, StockPicture, oldest_open_of, picture_of
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install

BUCKETS: Final = 24
A_DAY: Final = timedelta(days=1)


def register(verbs: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verb to the noun `stock`."""
    parser = verbs.add_parser("windows", parents=[shared], help="changes in, lines and calls out, and what waits")
    parser.add_argument("--destination", metavar="NAME", help="this one only")
    parser.add_argument("--since", type=duration, default=A_DAY, metavar="24h", help="how far back to look")
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw it into a file; needs matplotlib")
    parser.set_defaults(command=_windows)


def _windows(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        known = list(installation.blueprint.destinations)
        only = None if options.destination is None else known_destination(options.destination, known)
        pictures = _pictures(installation, options.since, only)
    if options.png is not None:
        save_png(pictures, options.since, options.png)
    if output.as_json:
        output.table("", [_as_json(picture) for picture in pictures], empty="")
        return 0
    output.table(f"Stock windows of the last {_span(options.since)}", [_row(one) for one in pictures], empty=_NOTHING)
    drawn = [row for picture in pictures if picture.total.windows for row in over_time(picture)]
    if drawn:
        output.table(f"Over that time, {_span(options.since / BUCKETS)} a sign", drawn, empty="")
    if options.png is not None:
        output.say(f"Drawn into {options.png}")
    return 0


_NOTHING: Final = "No destination has stock windows, or takes stock changes."


def _pictures(installation: Installation, since: timedelta, only: DestinationName | None) -> list[StockPicture]:
    """Destinations that have windows, or would."""
    insights, blueprint = installation.stock_insights(), installation.blueprint
    moment = insights.now()
    folded, ages = insights.windows_since(since, only), insights.oldest_unfinished(only)
    policies = {name: blueprint.policy(name) for name in blueprint.destinations if only in (None, name)}
    takers = {name: policy for name, policy in policies.items() if policy.stock is not None}
    opened = {
        name: oldest_open_of(policy, insights.stock_above(insights.accounted_to(name)), moment)
        for name, policy in takers.items()
    }
    names = sorted({*takers, *(window.destination for window in folded), *ages})
    return [picture_of(name, folded, moment, since, BUCKETS, ages.get(name), opened.get(name)) for name in names]


def _row(picture: StockPicture) -> dict[str, object]:
    return {
        "destination": picture.destination,
        **_flow(picture.total),
        "changes_a_call": picture.deltas_per_call,
        "states": ", ".join(f"{count} {state}" for state, count in picture.states.items()),
        "oldest_open": None if picture.oldest_open is None else _span(picture.oldest_open),
        "oldest_frozen": None if picture.oldest_unfinished is None else _span(picture.oldest_unfinished),
    }


def _as_json(picture: StockPicture) -> dict[str, object]:
    return {
        "destination": picture.destination,
        **_flow(picture.total),
        "changes_a_call": None if picture.deltas_per_call is None else str(picture.deltas_per_call),
        "states": dict(picture.states),
        "oldest_open_s": _seconds(picture.oldest_open),
        "oldest_frozen_s": _seconds(picture.oldest_unfinished),
        "over_time": [{"begins_at": bucket.begins_at.isoformat(), **_flow(bucket.flow)} for bucket in picture.buckets],
    }


def _flow(flow: Flow) -> dict[str, object]:
    return {
        "changes": flow.deltas,
        "windows": flow.windows,
        "lines": flow.lines,
        "calls": flow.calls,
        "calls_saved": flow.deltas - flow.calls,
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 3)


def _span(length: timedelta) -> str:
    return str(timedelta(seconds=int(length.total_seconds())))
