"""The stock aggregator: folds deltas into windows, freezes them, and sends each window as one batch.

From the freeze on a window is sent under its own name, and never folded again.
"""

from datetime import timedelta

from sidecar.engine.stock_folding import StockFolder
from sidecar.engine.stock_sending import WindowSender
from sidecar.ports import Clock


class StockAggregator:
    """One destination's stock stream. Used by one thread, inside one lease; discarded on any storage error."""

    def __init__(self, folder: StockFolder, sender: WindowSender, clock: Clock) -> None:
        """Fold and send in turns."""
        self._folder, self._sender, self._clock = folder, sender, clock

    def turn(self) -> bool:
        """Read, freeze what is due, and make at most one call; tells whether there may be more at once."""
        read = self._folder.read()
        if self._folder.freeze_if_due():
            self._sender.hurry()
        return self._sender.turn() or read

    def freeze(self) -> None:
        """Close the open window, whatever its age."""
        self._folder.freeze()
        self._sender.hurry()

    def send(self) -> bool:
        """Send, or look up, one window; tells whether any was due."""
        return self._sender.send()

    def rest(self, seconds: float) -> None:
        """Sleep."""
        self._clock.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Freeze what may be frozen, and send until the grace is over; the next start goes on from there."""
        ends_at = self._clock.monotonic() + grace.total_seconds()
        self._sender.end_at(ends_at)
        self._folder.freeze_at_the_end()
        while self._clock.monotonic() < ends_at and self._sender.send():
            continue

    def close(self) -> None:
        """Nothing is held: an open window is read again."""
