"""A wire between the sidecar and an ERP that a test can cut, as a process that dies during a call would."""

import threading
from typing import TYPE_CHECKING

from sidecar.domain.delivery import Reference, Result
from sidecar.domain.documents import Document
from sidecar.ports import ErpAdapter


class Wire(ErpAdapter if TYPE_CHECKING else object):  # type: ignore[misc]
    """The real adapter on a wire that the test can cut before or after a call reaches the ERP."""

    def __init__(self, adapter: ErpAdapter) -> None:
        self._adapter = adapter
        self.cut: str | None = None
        self.began = threading.Event()
        self.mended = threading.Event()

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Pass the call on, unless the wire is cut; then nobody ever hears of it again."""
        if self.cut is None:
            return self._adapter.submit(document, ref, deadline)
        if self.cut == "after":
            self._adapter.submit(document, ref, deadline)
        self.began.set()
        self.mended.wait(30)
        message = "the process is gone"
        raise ConnectionError(message)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            return getattr(self._adapter, name)
