"""`erp-sidecar stock ...`: what became of stock changes, and what people decide about them; one module per group."""

import argparse

from sidecar.cli.parsers import Nouns
from sidecar.cli.stock import explain, feeds, lines, show, windows


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("stock", help="where stock changes went, and what is kept back").add_subparsers(
        required=True, metavar="VERB"
    )
    for module in (explain, windows, show, lines, feeds):
        module.register(verbs, shared)
