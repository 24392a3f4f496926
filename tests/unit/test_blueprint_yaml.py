"""A blueprint is refused as YAML when two readers could read it differently, or when it is built to exhaust one."""

from pathlib import Path

import pytest

from sidecar.blueprint import load_blueprint
from sidecar.domain.errors import ConfigurationError


def refusal_of(folder: Path, raw: bytes) -> str:
    path = folder / "blueprint.yaml"
    path.write_bytes(raw)
    with pytest.raises(ConfigurationError) as caught:
        load_blueprint(path)
    assert caught.value.hint.endswith(f"erp-sidecar blueprint check {path}")
    return str(caught.value)


def test_a_repeated_key_is_refused_with_both_lines(tmp_path: Path) -> None:
    text = b"domains:\n  orders: {authority: magento}\n  stock: {}\n  orders: {authority: erp}\n"

    message = refusal_of(tmp_path, text)

    assert (
        f"{tmp_path}/blueprint.yaml: domains.orders: found the key a second time on line 4, first on line 2, "
        "allowed: each key once"
    ) in message.splitlines()


@pytest.mark.parametrize("key", ["true", "null", "[a]"])
def test_a_key_that_is_no_text_is_refused(tmp_path: Path, key: str) -> None:
    message = refusal_of(tmp_path, f"destinations:\n  ? {key}\n  : 1\n".encode())

    assert "destinations: found" in message
    assert "as a key on line 2, allowed: text as a key" in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml: the file: found no such file or directory"):
        load_blueprint(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(b"", "found nothing in it", id="empty"),
        pytest.param(b"- a\n", "found a list", id="a list"),
        pytest.param(b"a: [1\n", "found line 2, column 1:", id="broken"),
        pytest.param(b"a: 1\n---\nb: 2\n", "but found another document", id="two documents"),
        pytest.param(b"a: \xff\n", "found bytes that are not UTF-8 at offset 3", id="not UTF-8"),
        pytest.param(b"a: \x00\n", "special characters are not allowed", id="control characters"),
        pytest.param(b"a: !!python/name:os.system\n", "found the tag", id="a tag that runs code"),
        pytest.param(b"# " + b"x" * 300_000, "found more than 262144 bytes", id="too large"),
        pytest.param(b"[" * 100_000, "found more than 16 levels", id="too deep"),
        pytest.param(b"a: &a [*a]\n", "found an alias that blows up the file", id="an alias inside itself"),
        pytest.param(b"a: &a 1\nb: [" + b"*a, " * 101 + b"]\n", "found more than 100 aliases", id="many aliases"),
    ],
)
def test_a_file_that_is_no_plain_document_is_refused(tmp_path: Path, raw: bytes, found: str) -> None:
    assert found in refusal_of(tmp_path, raw)


def test_aliases_of_aliases_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    levels = [b"l0: &l0 [x, x, x, x, x, x, x, x]"]
    levels += [b"l%d: &l%d [%s]" % (n, n, b", ".join([b"*l%d" % (n - 1)] * 8)) for n in range(1, 10)]

    assert "found an alias that blows up the file" in refusal_of(tmp_path, b"\n".join(levels) + b"\n")
