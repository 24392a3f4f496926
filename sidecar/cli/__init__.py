"""The command line: `erp-sidecar NOUN VERB`, every answer with `--json`."""

from sidecar.cli.main import main

__all__ = ["main"]
