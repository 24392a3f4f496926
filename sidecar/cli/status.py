"""`erp-sidecar status`: how every destination stands."""

import argparse
from collections.abc import Mapping

from sidecar.cli.output import Output, how_many
from sidecar.cli.parsers import Nouns
from sidecar.domain.overview import MOST_HELD
from sidecar.telemetry import Telemetry
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = nouns.add_parser("status", parents=[shared], help="backlog, gaps and states per destination")
    parser.set_defaults(command=_status)


def _status(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        backlogs = installation.insights().backlog()
        coming_back = installation.inbound_decisions().counts()
    rows = [
        {
            "destination": backlog.destination,
            "accounted_to": backlog.accounted_to,
            "newest": backlog.newest,
            "open_gaps": backlog.open_gaps,
            "in_flight": backlog.intents,
            "states": dict(backlog.states) if output.as_json else _states(dict(backlog.states)),
            "held_back": backlog.held_because,
            "coming_back": _coming_back(coming_back.get(backlog.destination, {}), as_json=output.as_json),
        }
        for backlog in backlogs
    ]
    output.table("Destinations", rows, empty="No destination has a cursor yet: start the sidecar once.")
    return 0


def _coming_back(states: Mapping[str, int], *, as_json: bool) -> dict[str, int] | str:
    """The ERP's own documents on their way into Magento."""
    return dict(states) if as_json else ", ".join(f"{count} {state}" for state, count in sorted(states.items()))


def _states(states: dict[str, int]) -> str:
    return ", ".join(f"{how_many(count, MOST_HELD)} {state}" for state, count in sorted(states.items())) or "all plain"
