"""Archive files: complete or not there, readable by their owner alone, told by a manifest."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.archive import FileArchive, manifest_of, read_lines
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import OutboxId

ROWS: list[dict[str, object]] = [
    {"id": number, "payload": '{"note": "Zoë\\n💥"}', "lane": None} for number in (1, 2, 5)
]


def kept(folder: Path) -> Path:
    return Path(FileArchive(folder / "archive").keep(OutboxId(1), OutboxId(5), ROWS))


def test_what_was_kept_comes_back_equal(tmp_path: Path) -> None:
    assert list(read_lines(kept(tmp_path))) == ROWS


def test_a_file_names_its_range_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = kept(tmp_path)

    assert path.name == "erp_outbox-000000000001-000000000005.jsonl.gz"
    assert {oct(entry.stat().st_mode & 0o777) for entry in path.parent.iterdir()} == {"0o600"}
    assert oct(path.parent.stat().st_mode & 0o777) == "0o700"


def test_the_manifest_tells_count_and_hash(tmp_path: Path) -> None:
    path = kept(tmp_path)

    manifest = json.loads(manifest_of(path).read_text())

    assert (manifest["first"], manifest["last"], manifest["events"]) == (1, 5, 3)
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert gzip.decompress(path.read_bytes()).count(b"\n") == 3


def test_a_file_that_cannot_be_finished_is_not_there(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, object]]:
        yield ROWS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FileArchive(tmp_path).keep(OutboxId(1), OutboxId(5), rows())

    assert list(tmp_path.iterdir()) == []


def test_keeping_the_same_range_again_replaces_the_file(tmp_path: Path) -> None:
    kept(tmp_path)

    again = kept(tmp_path)

    assert len(list(again.parent.iterdir())) == 2
    assert list(read_lines(again)) == ROWS


def test_a_folder_that_is_none_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("in the way")

    with pytest.raises(Exception, match=r"the archive in .* cannot be written") as caught:
        kept(tmp_path)

    assert not isinstance(caught.value, ConfigurationError)
