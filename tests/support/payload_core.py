"""Asks the module's payload core, in PHP, for outbox rows."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

from ops.embedded.programs import PROJECT, find_program

SCRIPT = PROJECT / "magento_module_stub" / "framework_standin" / "build_rows.php"


def outbox_rows(given: Iterable[Mapping[str, object]]) -> list[dict[str, Any]]:
    """One outbox row for each order or stock change given; the shapes stand in the script."""
    php = find_program("php")
    assert php, "tests that ask the payload core carry the marker needs_php"
    lines = "".join(json.dumps(one) + "\n" for one in given)
    run = subprocess.run(
        [php, "-d", "display_errors=stderr", SCRIPT], input=lines, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]
