"""The state file is one whole memory or the one before, and says what to type when it cannot be kept."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sidecar.domain.errors import ConfigurationError
from sidecar.domain.identity import Mark, Memory, Place, StreamMark
from sidecar.state_file import NAME, StateFile

MEMORY = Memory(
    "a-shop",
    2,
    Place("server_uuid 3f2a", "magento", "db1:3306"),
    Mark(100, "event-100"),
    {"erp/documents": StreamMark(4, 90)},
    datetime(2026, 11, 26, 12, 0, 0, 250_000, tzinfo=UTC),
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "made" / "on the way")

    file.write(MEMORY)

    assert file.read() == MEMORY
    assert [path.name for path in file.path.parent.iterdir()] == [NAME]


def test_a_host_that_has_served_no_database_remembers_nothing(tmp_path: Path) -> None:
    assert StateFile(tmp_path).read() is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"instance": "a-shop"}'])
def test_a_file_that_somebody_else_wrote_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)

    with pytest.raises(ConfigurationError, match="not what the sidecar wrote") as caught:
        StateFile(tmp_path).read()

    assert "move it away" in caught.value.hint


def test_a_folder_that_cannot_be_written_is_refused_with_the_command_that_makes_it(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")

    with pytest.raises(ConfigurationError, match="cannot be written") as caught:
        StateFile(tmp_path / "state").write(MEMORY)

    assert f"install -d -m 0700 -o erp-sidecar -g erp-sidecar {tmp_path / 'state'}" in caught.value.hint
