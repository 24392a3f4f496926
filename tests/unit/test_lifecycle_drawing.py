"""What `blueprint draw` prints is the map itself: read back, it has the same statuses, steps and ends."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.blueprint import load_blueprint
from sidecar.blueprint.drawing import REFUSED, mermaid
from sidecar.cli.main import main
from sidecar.domain.events import DestinationName
from sidecar.domain.lifecycle import ErpStatus, Lifecycle, Meaning, Rejection

ROOT = Path(__file__).parents[2]
MAPS = [ROOT / "ops/examples/blueprint.yaml", ROOT / "ops/demonstration/blueprint.yaml"]
ERP = DestinationName("erp")
OUTSIDE = "[*]"

STEP = re.compile(r"(\S+) --> (\S+)")
NAMED = re.compile(r'state "([^"]*)" as (\S+)')


class Drawing:
    """A diagram as Mermaid reads it: ids, names, arrows and notes."""

    def __init__(self, text: str) -> None:
        first, *lines = text.splitlines()
        assert first == "stateDiagram-v2"
        self.names: dict[str, str] = {}
        self.steps: set[tuple[str, str]] = set()
        self.notes: dict[str, list[str]] = {}
        noted = ""
        for line in (indented.removeprefix("    ") for indented in lines):
            if noted:
                if line == "end note":
                    noted = ""
                else:
                    self.notes[self.name(noted)].append(line.strip())
            elif named := NAMED.fullmatch(line):
                self.names[named[2]] = plain(named[1])
            elif step := STEP.fullmatch(line):
                self.steps.add((self.name(step[1]), self.name(step[2])))
            else:
                noted = line.removeprefix("note right of ")
                assert noted != line, f"Mermaid would not read {line!r}"
                self.notes[self.name(noted)] = []

    def name(self, called: str) -> str:
        return self.names.get(called, called)


def plain(text: str) -> str:
    return text.replace("#quot;", '"').replace("#37;", "%").replace("#35;", "#")


def steps_of(lifecycle: Lifecycle, refused: str) -> set[tuple[str, str]]:
    steps = {(name, follower) for name, status in lifecycle.statuses.items() for follower in status.next}
    steps |= {(OUTSIDE, name) for name in lifecycle.first}
    steps |= {(name, OUTSIDE) for name, status in lifecycle.statuses.items() if status.ends}
    return steps | {(refused, name) for name in (*lifecycle.first, OUTSIDE)} | {(OUTSIDE, refused)}


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.parent.name)
def test_the_drawing_has_each_status_each_step_and_each_end_of_the_map(path: Path) -> None:
    lifecycle = load_blueprint(path).policy(ERP).lifecycle

    drawn = Drawing(mermaid(lifecycle))

    assert drawn.steps == steps_of(lifecycle, "refused by the ERP")


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.parent.name)
def test_the_notes_say_what_a_status_means_and_what_magento_shows(path: Path) -> None:
    lifecycle = load_blueprint(path).policy(ERP).lifecycle

    drawn = Drawing(mermaid(lifecycle))

    assert drawn.notes["credit_hold"] == [
        "credit hold",
        "on hold in Magento",
        "new: erp_credit_hold",
        "processing: erp_credit_hold",
    ]
    assert drawn.notes["cancelled"] == ["cancelled", "irreversible"]
    assert drawn.notes["refused by the ERP"][0] == "new: erp_rejected"
    pairs = {tuple(line.split(": ")) for lines in drawn.notes.values() for line in lines if ": " in line}
    assert pairs == set(lifecycle.pairs())


NAMES = st.text(alphabet='aB_9 #";%-', min_size=1, max_size=8).filter(lambda name: bool(name.strip()))


@given(
    st.lists(NAMES | st.sampled_from(["end", "State", "note", "_1"]), min_size=1, max_size=5, unique=True), st.data()
)
def test_whatever_an_erp_calls_its_statuses_the_diagram_can_be_read(names: list[str], data: st.DataObject) -> None:
    followers = st.lists(st.sampled_from(names), max_size=3, unique=True).map(tuple)
    statuses = {name: ErpStatus(Meaning.CLOSED, {}, data.draw(followers)) for name in names}
    lifecycle = Lifecycle(statuses, (names[0],), Rejection())

    drawn = Drawing(mermaid(lifecycle))

    assert drawn.steps == steps_of(lifecycle, drawn.name(REFUSED))


def test_the_command_draws_the_map_of_the_erp_that_orders_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blueprint", "draw", str(MAPS[0])]) == 0
    printed = capsys.readouterr().out
    assert printed == mermaid(load_blueprint(MAPS[0]).policy(ERP).lifecycle)

    assert main(["blueprint", "draw", "--json", "--destination", "erp", str(MAPS[0])]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["destination"] == "erp"
    assert said["statuses"]["credit_hold"] == {
        "means": "credit_hold",
        "shows": {"new": "erp_credit_hold", "processing": "erp_credit_hold"},
        "next": ["open", "rejected", "cancelled"],
        "holds": True,
        "irreversible": False,
        "ends": False,
    }
    assert said["rejection"]["visible_to_shopper"] is False


def test_without_a_file_the_commands_take_the_blueprint_that_the_settings_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "agreed.yaml").write_text(MAPS[1].read_text(encoding="utf-8"), encoding="utf-8")
    settings = tmp_path / "sidecar.toml"
    settings.write_text('blueprint = "agreed.yaml"\n[database]\nname = "shop"\nuser = "u"\npassword = "p"\n')
    settings.chmod(0o600)

    assert main(["--settings", str(settings), "blueprint", "check"]) == 0
    assert f"{tmp_path / 'agreed.yaml'} is sound" in capsys.readouterr().out
    assert main(["--settings", str(settings), "blueprint", "draw"]) == 0
    assert capsys.readouterr().out.startswith("stateDiagram-v2\n")


def test_a_blueprint_without_a_map_is_told_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = MAPS[1].read_text(encoding="utf-8")
    without = re.sub(r"    lifecycle:\n(      .*\n)+", "", text)
    path = tmp_path / "blueprint.yaml"
    path.write_text(without, encoding="utf-8")

    assert main(["blueprint", "draw", str(path)]) == 78

    told = capsys.readouterr().err
    assert "has no lifecycle map to draw" in told
    assert "ops/examples/blueprint.yaml" in told
