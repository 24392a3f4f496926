"""PHP processes with the module installed that do one step of a shop's work at a time, as a test tells them."""

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from ops.embedded.programs import PROJECT, find_program
from tests.support.servers import Database

SCRIPT = PROJECT / "magento_module_stub" / "framework_standin" / "obedient_shop.php"
PATIENCE_SECONDS = 20.0


class StepFailedError(Exception):
    """A step raised in PHP; `code` is the server's error, if one was behind it."""

    def __init__(self, php_class: str, code: int | None, message: str) -> None:
        super().__init__(f"{php_class}: {message}")
        self.code = code


class ObedientShop:
    """One PHP process and its one database connection."""

    patience_seconds = PATIENCE_SECONDS

    def __init__(
        self,
        database: Database,
        *,
        table_prefix: str = "",
        config: Mapping[str, str] | None = None,
        main: Database | None = None,
        script: Path = SCRIPT,
        **more: object,
    ) -> None:
        """`config` is what is set in the admin panel: path and value. `main` is where all but sales is, if split.

        `more` is what another script wants to know.
        """
        php = find_program("php")
        assert php, "tests that start a shop carry the marker needs_php"
        self._process = subprocess.Popen(
            [php, "-d", "display_errors=stderr", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._write(
            {
                "host": database.server.host,
                "port": database.server.port,
                "dbname": database.name,
                "username": database.server.user,
                "password": database.server.password,
                "table_prefix": table_prefix,
                "config": dict(config or {}),
                **({"main_dbname": main.name} if main else {}),
                **more,
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def do(self, step: str, **details: object) -> Any:  # noqa: ANN401 -- each step has its own result
        """Do one step and give its result; raises StepFailedError where PHP raised."""
        return self.begin_step(step, **details)()

    def begin_step(self, step: str, **details: object) -> Callable[[], Any]:
        """Start one step that may have to wait for a lock; the answer's call waits for its end."""
        self._write({"do": step, **details})
        return self._answer

    def sql(self, statement: str, bind: Sequence[object] = ()) -> int:
        """Run one statement; gives the number of rows."""
        return int(self.do("sql", sql=statement, bind=list(bind)))

    def save_relations(self, order_id: int, *, state_before: str | None, **set_: object) -> None:
        """What Magento dispatches after the last row of an order is written."""
        self.begin_save_relations(order_id, state_before=state_before, **set_)()

    def begin_save_relations(self, order_id: int, *, state_before: str | None, **set_: object) -> Callable[[], Any]:
        """The same, without waiting for its end."""
        orig = None if state_before is None else {"state": state_before}
        details = {"event": "sales_order_process_relation", "order_id": order_id, "orig": orig, "set": set_}
        return self.begin_step("dispatch", **details)

    def begin_save_before(self, document: str, order_id: int) -> Callable[[], Any]:
        """What Magento dispatches before the first row of a document of an order is written."""
        return self.begin_step(
            "dispatch", event=f"sales_order_{document}_save_before", document={"order_id": str(order_id)}
        )

    def _answer(self) -> Any:  # noqa: ANN401 -- as `do`
        try:
            line = self._answers.get(timeout=self.patience_seconds)
        except queue.Empty:
            raise AssertionError(f"The shop gave no answer within {self.patience_seconds} s.") from None
        assert line, f"The shop ended with {self._process.wait()}; its last words are on standard error."
        answer = json.loads(line)
        if "failed" in answer:
            raise StepFailedError(answer["failed"], answer["code"], answer["message"])
        return answer["result"]

    def _write(self, line: Mapping[str, object]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")
