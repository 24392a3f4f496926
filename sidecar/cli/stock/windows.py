"""`erp-sidecar stock windows`: how many stock changes went in, how few calls came out, and what is still to go."""

import argparse
from datetime import timedelta
from typing import Final

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, duration
from sidecar.domain.events import DestinationName
from sidecar.domain.stock_picture import StockPicture, picture_of
from sidecar.telemetry import Telemetry
from sidecar.wiring import install

BUCKETS: Final = 24
A_DAY: Final = timedelta(days=1)


def register(verbs: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verb to the noun `stock`."""
    parser = verbs.add_parser("windows", parents=[shared], help="events in, lines and calls out, and what waits")
    parser.add_argument("--destination", metavar="NAME", help="this one only")
    parser.add_argument("--since", type=duration, default=A_DAY, metavar="24h", help="how far back to look")
    parser.set_defaults(command=_windows)


def _windows(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        insights = installation.stock_insights()
        only = None if options.destination is None else DestinationName(options.destination)
        moment = insights.now()
        folded = insights.windows_since(options.since, only)
        ages = insights.oldest_unfinished(only)
        names = [name for name in installation.blueprint.destinations if only in (None, name)]
    known = sorted({*names, *(window.destination for window in folded), *ages})
    pictures = [picture_of(name, folded, moment, options.since, BUCKETS, ages.get(name)) for name in known]
    output.table(
        f"Stock windows of the last {_span(options.since)}",
        [_row(picture) for picture in pictures],
        empty="No destination has stock windows.",
    )
    return 0


def _row(picture: StockPicture) -> dict[str, object]:
    total = picture.total
    return {
        "destination": picture.destination,
        "deltas": total.deltas,
        "windows": total.windows,
        "lines": total.lines,
        "calls": total.calls,
        "deltas_per_call": None if picture.deltas_per_call is None else str(picture.deltas_per_call),
        "states": dict(picture.states),
        "oldest_unfinished": None if picture.oldest_unfinished is None else _span(picture.oldest_unfinished),
    }


def _span(length: timedelta) -> str:
    return str(timedelta(seconds=int(length.total_seconds())))
