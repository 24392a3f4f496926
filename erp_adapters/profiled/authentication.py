"""How a request proves who asks, as a profile says it; the secret itself comes from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, assert_never

from pydantic import Field, model_validator

from erp_adapters.profiled.form import Part, Text
from sidecar.configuration import PositiveDuration, invalid, listed
from sidecar.domain.errors import ConfigurationError
from sidecar.transport import (
    RESERVED,
    Algorithm,
    AssertionTerms,
    Credential,
    Proof,
    Secret,
    TokenProof,
    TokenTerms,
    Way,
)

_UNTOLD = "https://not.told.invalid/token"


class Assertion(Part):
    """How we sign who we are, for token endpoints that want a signature in the place of a shared secret."""

    algorithm: Algorithm = Field(description="RS256, PS256, ES256")
    key_id: Text | None = Field(default=None, description="what the ERP calls our key or certificate (kid)")
    audience: Text | None = Field(default=None, description="text, where it is not token_url")
    claims: Mapping[Text, Text] = Field(default_factory=dict, description="further claims, such as scope")

    @model_validator(mode="after")
    def _ours_are_ours(self) -> "Assertion":
        taken = sorted(RESERVED.intersection(self.claims))
        if taken:
            raise invalid(f"claims with {listed(taken)}", f"claims other than {listed(sorted(RESERVED))}")
        return self


class Auth(Part):
    """How a request proves who asks.

    With oauth2 a token is asked for by client credentials; the destination's secret is the client's secret, or the
    private key of `private_key_jwt`. What differs between a test system and the real one may stand in the settings.
    """

    kind: Literal["header", "bearer", "basic", "oauth2"] = Field(description="header, bearer, basic, oauth2")
    name: Text | None = Field(default=None, description="for header: the header's name; for basic: the user's name")
    token_url: Text | None = Field(default=None, description="for oauth2: https://host[:port]/path")
    client_id: Text | None = Field(default=None, description="for oauth2: text")
    client: Literal["basic", "body", "private_key_jwt"] | None = Field(
        default=None, description="for oauth2: how the client proves itself: basic, body, private_key_jwt"
    )
    scope: Text | None = Field(default=None, description="for oauth2: scopes, with spaces between them")
    audience: Text | None = Field(default=None, description="for oauth2: text")
    margin: PositiveDuration | None = Field(
        default=None, description="for oauth2: how long before its end a token is renewed, such as 60s"
    )
    assertion: Assertion | None = Field(
        default=None, description="for private_key_jwt: a table with algorithm, key_id, audience, claims"
    )

    @model_validator(mode="after")
    def _name_where_needed(self) -> "Auth":
        if (self.kind in ("header", "basic")) != (self.name is not None):
            raise invalid(
                f"kind {self.kind} {'with' if self.name else 'without'} name", "name for header and basic only"
            )
        return self

    @model_validator(mode="after")
    def _tokens_where_meant(self) -> "Auth":
        told = [name for name, value in self if name not in ("kind", "name") and value is not None]
        if told and self.kind != "oauth2":
            raise invalid(f"kind {self.kind} with {listed(told)}", f"{listed(told)} for oauth2 only")
        if (self.client == "private_key_jwt") != (self.assertion is not None):
            there = "assertion" if self.assertion else "client private_key_jwt"
            raise invalid(f"{there} alone", "client private_key_jwt and assertion, or neither")
        return self


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """What the settings say of tokens, in the place of what the profile says."""

    token_url: str = ""
    client_id: str = ""
    key_id: str = ""


def proof_of(auth: Auth, secret: Secret, place: TokenPlace | None, way: Way, at: str) -> Proof:
    """What a transport shows; raises ConfigurationError where something is missing that neither side tells."""
    match auth.kind:
        case "header":
            return Credential(auth.name or "", secret)
        case "bearer":
            return Credential("Authorization", secret, scheme="Bearer")
        case "basic":
            return Credential("Authorization", secret, scheme="Basic", user=auth.name or "")
        case "oauth2":
            return TokenProof(_terms(auth, place, at), secret, way)
        case _:
            assert_never(auth.kind)


def _terms(auth: Auth, place: TokenPlace | None, at: str) -> TokenTerms:
    told = place or TokenPlace()
    token_url, client_id = told.token_url or auth.token_url, told.client_id or auth.client_id
    for key, value, allowed in (
        ("token_url", token_url, "https://host[:port]/path"),
        ("client_id", client_id, "the name under which the token endpoint knows us"),
    ):
        if place is not None and not value:
            message = f"{at}.oauth2.{key}: found nothing, allowed: {allowed}"
            raise ConfigurationError(message, hint=f"set {key} in sidecar.toml, or in the profile's auth")
    return TokenTerms(
        token_url or _UNTOLD,
        client_id or "",
        auth.client or "basic",
        auth.scope or "",
        auth.audience or "",
        auth.margin or timedelta(seconds=60),
        _assertion(auth.assertion, told.key_id),
    )


def _assertion(assertion: Assertion | None, key_id: str) -> AssertionTerms | None:
    if assertion is None:
        return None
    named = key_id or assertion.key_id or ""
    return AssertionTerms(assertion.algorithm, named, assertion.audience or "", assertion.claims)
