"""The picture of stock windows: as signs for a terminal, and as a PNG for a report."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sidecar.domain.errors import NotPossible
from sidecar.domain.stock_picture import StockPicture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIGNS: Final = "▁▂▃▄▅▆▇█"
_WIDTH: Final = 9.0
_HEIGHT: Final = 2.4


def sparkline(values: Sequence[int]) -> str:
    """One sign for each value, the highest one full; nothing at all is a point."""
    most = max(values, default=0)
    return "".join("·" if not value else _SIGNS[(value * len(_SIGNS) - 1) // most] for value in values)


def over_time(picture: StockPicture) -> list[dict[str, object]]:
    """Three rows for a table: what went in, what came out, in how many calls."""
    flows = [bucket.flow for bucket in picture.buckets]
    total = picture.total
    series = {
        "changes in": ([flow.deltas for flow in flows], total.deltas),
        "lines out": ([flow.lines for flow in flows], total.lines),
        "calls": ([flow.calls for flow in flows], total.calls),
    }
    return [
        {
            "destination": picture.destination,
            "what": name,
            "over_time": sparkline(values),
            "most": max(values, default=0),
            "total": sum_of_all,
        }
        for name, (values, sum_of_all) in series.items()
    ]


def save_png(pictures: Sequence[StockPicture], since: timedelta, path: Path) -> None:
    """Write the picture; raises NotPossible where the host cannot draw, or the file cannot be written."""
    figure = figure_of(pictures, since)
    try:
        figure.savefig(path, format="png", dpi=120)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise NotPossible(message, hint="name a file in a folder that you may write to") from error


def figure_of(pictures: Sequence[StockPicture], since: timedelta) -> "Figure":
    """One row of axes for each destination: what went in on the left, what came of it on the right."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 -- a host's daemon needs none of it
        from matplotlib.figure import Figure  # noqa: PLC0415 -- as above
    except ImportError as error:
        message = "this host has nothing to draw a PNG with: matplotlib is not installed"
        hint = "install ops/requirements-plots.txt into the sidecar's environment, or leave --png out"
        raise NotPossible(message, hint=hint) from error
    figure = Figure(figsize=(_WIDTH, _HEIGHT * max(len(pictures), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(max(len(pictures), 1), 2, squeeze=False)
    for (left, right), picture in zip(grid, pictures, strict=False):
        width = since / timedelta(hours=1) / len(picture.buckets)
        hours = [width * (number - len(picture.buckets)) for number in range(len(picture.buckets))]
        flows = [bucket.flow for bucket in picture.buckets]
        _bars(left, hours, width, [flow.deltas for flow in flows], "changes in", "#8fa6c4")
        _bars(right, hours, width, [flow.lines for flow in flows], "lines out", "#33557f")
        _bars(right, hours, width / 2, [flow.calls for flow in flows], "calls", "#c2593f")
        left.set_ylabel("changes in")
        right.set_ylabel("lines out, calls")
        left.set_title(f"{picture.destination}: {_saved(picture)}", fontsize="medium", loc="left")
        right.set_title(_waits(picture), fontsize="medium", loc="left")
        right.legend(fontsize="small", frameon=False, ncols=2, loc="upper left")
        for axes in (left, right):
            axes.set_xlabel("hours ago")
            axes.set_ylim(0, max(axes.get_ylim()[1], 1) * 1.2)
            axes.yaxis.get_major_locator().set_params(integer=True)
    return figure


def _bars(axes: "Axes", hours: Sequence[float], width: float, values: Sequence[int], label: str, colour: str) -> None:
    axes.bar(hours, values, width=width * 0.9, align="edge", label=label, color=colour)


def _saved(picture: StockPicture) -> str:
    total = picture.total
    per_call = "no call yet" if picture.deltas_per_call is None else f"{picture.deltas_per_call} a call"
    return f"{total.deltas:,} changes, {per_call}"


def _waits(picture: StockPicture) -> str:
    ages = {"open": picture.oldest_open, "frozen": picture.oldest_unfinished}
    said = [f"oldest {name} {int(age.total_seconds())} s" for name, age in ages.items() if age is not None]
    return ", ".join(said) or "nothing waits"
