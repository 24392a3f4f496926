"""Stock windows as a PNG: signed as one, of some size, with axes that say what they show."""

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sidecar.cli.stock.drawing import figure_of, save_png
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName
from sidecar.domain.stock_picture import Bucket, Flow, StockPicture

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)
HOURS = tuple(Bucket(NOON - (24 - hour) * timedelta(hours=1), Flow(100 * hour, 2, 8, 2)) for hour in range(24))
TOTAL = Flow(27_600, 48, 192, 48)
PICTURE = StockPicture(
    DestinationName("erp"), TOTAL, HOURS, {"booked": 48}, timedelta(seconds=40), timedelta(seconds=3)
)


def test_the_axes_say_what_they_show_and_of_which_erp() -> None:
    figure = figure_of([PICTURE, replace(PICTURE, destination=DestinationName("wms"))], A_DAY)

    labels = [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes]
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    bars = [len(axes.patches) for axes in figure.axes]
    assert labels == [("hours ago", "changes in"), ("hours ago", "lines out, calls")] * 2
    assert titles[0] == "erp: 27,600 changes, 575.0 a call"
    assert titles[1] == "oldest open 3 s, oldest frozen 40 s"
    assert titles[2].startswith("wms: ")
    assert bars == [24, 48, 24, 48]


def test_a_png_is_written_that_is_one(tmp_path: Path) -> None:
    save_png([PICTURE], A_DAY, tmp_path / "windows.png")

    drawn = (tmp_path / "windows.png").read_bytes()
    width, height = struct.unpack(">II", drawn[16:24])
    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    assert (width > 800, height > 200, len(drawn) > 5_000) == (True, True, True)


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="cannot be written: No such file"):
        save_png([PICTURE], A_DAY, tmp_path / "nowhere" / "windows.png")


def test_a_host_without_anything_to_draw_with_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)

    with pytest.raises(NotPossible, match="matplotlib is not installed") as refused:
        figure_of([PICTURE], A_DAY)
    assert "ops/requirements-plots.txt" in refused.value.hint
