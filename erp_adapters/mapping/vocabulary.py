"""What templates read of a blueprint, so that an entry which nothing reads, or a constant which is not there, shows."""

from collections.abc import Iterable, Iterator

from erp_adapters.mapping.expression import Expression
from erp_adapters.mapping.template import Code, Constant, Each, Listing, Node, Properties, Value, When, With
from sidecar.domain.delivery import Vocabulary

_CUSTOM_FIELDS = "custom_fields"
_INTENT = "intent"
_BINDING = "warehouse_is_binding"


def vocabulary_of(nodes: Iterable[Node], code_maps: Iterable[str] = ()) -> Vocabulary:
    """The words of these templates; `code_maps` are those that something else reads."""
    parts = [part for node in nodes for part in _parts(node)]
    paths = [path for part in parts for path in _paths(part)]
    needed = {
        name
        for part in parts
        if isinstance(part, Value) and not part.optional
        for name in part.path.constants
        if part.path.text == f"constants.{name}"
    }
    return Vocabulary(
        code_maps=frozenset(code_maps).union(part.map for part in parts if isinstance(part, Code)),
        constants=frozenset(name for path in paths for name in path.constants),
        needed=frozenset(needed),
        custom_fields=any(_CUSTOM_FIELDS in path.names for path in paths),
        intents=any(_INTENT in path.names for path in paths),
        binding_warehouse=any(_BINDING in path.names for path in paths),
    )


def reads_name(node: Node, name: str) -> bool:
    """Tell whether a template reads something of this name."""
    return any(name in path.names for part in _parts(node) for path in _paths(part))


def _parts(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Each(_, item) | With(_, item) | When(_, item):
            yield from _parts(item)
        case Properties(nodes):
            for child in nodes.values():
                yield from _parts(child)
        case Listing(children):
            for child in children:
                yield from _parts(child)
        case Constant() | Value() | Code():
            return


def _paths(part: Node) -> Iterator[Expression]:
    match part:
        case Value(path) | Each(path) | With(path) | When(path):
            yield path
        case Code(_, value):
            yield value.path
        case _:
            return
