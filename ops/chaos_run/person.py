"""A person at the ERPs' desk: sends again what was refused while an item was being counted."""

import json
import subprocess
import threading
from typing import Final

from ops.chaos_run.stage import Stage

REASON: Final = "counted"


class Person:
    """Looks now and then, types what the runbook says, and gives up when the database is down: until the next look."""

    def __init__(self, stage: Stage) -> None:
        """Nobody looks yet."""
        self._stage = stage
        self._looking: threading.Thread | None = None

    def begin(self) -> None:
        """Look, beside everything else; a look that is not over is not begun again."""
        if self._looking is None or not self._looking.is_alive():
            self._looking = threading.Thread(target=self.look)
            self._looking.start()

    def end(self) -> None:
        """Wait until the last look is over."""
        if self._looking is not None:
            self._looking.join()

    def look(self) -> None:
        """Send again all that is parked, warehouse by warehouse."""
        listed = self._type("stock", "line", "list")
        parked = json.loads(listed) if listed else []
        for destination, warehouse in sorted({(line["destination"], line["warehouse"]) for line in parked}):
            self._type("stock", "line", "retry", destination, warehouse, "--all", "--reason", REASON)

    def _type(self, *words: str) -> str:
        command = self._stage.sidecar_command("admin", "--json", *words)
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        return run.stdout if run.returncode == 0 else ""
