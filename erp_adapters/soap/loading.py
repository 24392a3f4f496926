"""Loading a profile with its WSDL, and telling everything in them that does not fit together."""

from collections.abc import Callable
from pathlib import Path

from erp_adapters.soap.checking import problems_of
from erp_adapters.soap.profile import Profile, profile_of
from erp_adapters.soap.wsdl import Contract
from sidecar.configuration import refusal

_SHIPPED = Path(__file__).parent / "profiles"


def shipped_profiles() -> tuple[str, ...]:
    """The names of the profiles that come with the adapter."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


def load(name: str, folder: Path, read: Callable[[Path], object]) -> tuple[Profile, Contract]:
    """Read a shipped profile, or one beside the blueprint, and its WSDL; `read` reads YAML.

    Raises one ConfigurationError that tells all that is wrong in the profile, or between it and the WSDL.
    """
    path = _SHIPPED / f"{name}.yaml" if name in shipped_profiles() else folder / name
    profile = profile_of(read(path), path.name)
    wsdl = path.parent / profile.wsdl
    contract = Contract.load(wsdl, profile.service, profile.port, strict=profile.strict)
    problems = list(problems_of(profile, contract))
    if problems:
        raise refusal(path.name, problems, hint=f"compare the profile with {wsdl.name}")
    return profile, contract
