"""Wiring: the only package that knows both sides; it puts stores, adapters, engine and daemon together."""

from sidecar.wiring.adapters import check_blueprint, unguarded
from sidecar.wiring.connections import database_url, open_database
from sidecar.wiring.feeding import Feeding
from sidecar.wiring.installation import Installation, install
from sidecar.wiring.loops import daemon_of
from sidecar.wiring.previews import Previews

__all__ = [
    "Feeding",
    "Installation",
    "Previews",
    "check_blueprint",
    "daemon_of",
    "database_url",
    "install",
    "open_database",
    "unguarded",
]
