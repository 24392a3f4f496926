"""A token endpoint and an API behind it, on one real socket: they check what is shown as strictly as vendors do."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

CLIENT, CLIENT_SECRET = "shop", "s3cr3t/of+the shop"
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class TokenServer:
    """What it knows, what it was asked, and how it misbehaves."""

    secret: str = CLIENT_SECRET
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None = None
    lives: object = 3600
    ahead: float = 0.0
    """Seconds that its clock is ahead of ours; it judges assertions by it."""
    answers: list[int] = field(default_factory=list)
    """Statuses of its next answers; 0 closes the connection without one."""
    retry_after: int | None = None
    hold: threading.Event | None = None
    url: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    heads: list[dict[str, Any]] = field(default_factory=list)
    valid: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: set[str] = field(default_factory=set)

    @property
    def token_url(self) -> str:
        return f"{self.url}/oauth/token"

    @property
    def asked(self) -> int:
        """How often a token was asked for."""
        return len(self.forms)

    def revoke(self) -> None:
        """Forget every token that was given."""
        with self.lock:
            self.valid.clear()

    def answer(self, content: str, authorization: str) -> tuple[int, dict[str, object]]:
        """What comes of one request for a token; 0 for a connection that is closed without an answer."""
        form = {name: value[0] for name, value in parse_qs(content).items()}
        with self.lock:
            self.forms.append(form)
            status = self.answers.pop(0) if self.answers else 200
        if self.hold is not None:
            self.hold.wait(5)
        return self.give(form, authorization) if status == 200 else (status, {"error": "temporarily_unavailable"})

    def give(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        """A token, or a refusal in the standard's words."""
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        refusal = self._refusal(form, authorization)
        if refusal:
            return (401 if refusal == "invalid_client" else 400), {
                "error": refusal,
                "error_description": f"what you sent was {form} {authorization}",
            }
        with self.lock:
            token = f"token-{len(self._seen)}-{time.monotonic_ns()}"
            self.valid.add(token)
        told = {} if self.lives is None else {"expires_in": self.lives}
        return 200, {"access_token": token, "token_type": "bearer", **told}

    def _refusal(self, form: dict[str, str], authorization: str) -> str:
        if self.key is not None:
            return self._assertion_refusal(form)
        if authorization:
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            shown = tuple(unquote(part) for part in pair.split(":"))
        else:
            shown = (form.get("client_id", ""), form.get("client_secret", ""))
        return "" if shown == (CLIENT, self.secret) else "invalid_client"

    def _assertion_refusal(self, form: dict[str, str]) -> str:
        if form.get("client_assertion_type") != _JWT_BEARER:
            return "invalid_request"
        said, _, signature = form["client_assertion"].rpartition(".")
        head, claims = (json.loads(_decoded(part)) for part in said.split("."))
        with self.lock:
            self.heads.append({**head, **claims})
            is_replay = claims["jti"] in self._seen
            self._seen.add(claims["jti"])
        now = time.time() + self.ahead
        fits = claims["iss"] == claims["sub"] == CLIENT and claims["aud"] == self.token_url
        in_time = claims["iat"] <= now and claims["nbf"] <= now < claims["exp"] <= claims["iat"] + 3600
        if is_replay or not fits or not in_time:
            return "invalid_grant"
        return "" if self._is_ours(head["alg"], said.encode(), _decoded(signature)) else "invalid_client"

    def _is_ours(self, algorithm: str, said: bytes, signature: bytes) -> bool:
        digest = hashes.SHA256()
        try:
            match self.key, algorithm:
                case rsa.RSAPublicKey() as key, "RS256":
                    key.verify(signature, said, padding.PKCS1v15(), digest)
                case rsa.RSAPublicKey() as key, "PS256":
                    key.verify(signature, said, padding.PSS(padding.MGF1(digest), 32), digest)
                case ec.EllipticCurvePublicKey() as key, "ES256":
                    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
                    key.verify(encode_dss_signature(r, s), said, ec.ECDSA(digest))
                case _:
                    return False
        except InvalidSignature:
            return False
        return True


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _handler(there: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path != "/oauth/token":
                self._api()
                return
            status, body = there.answer(content, self.headers.get("Authorization", ""))
            if status == 0:
                self.close_connection = True
                return
            self._answer(status, body)

        def do_GET(self) -> None:
            self._api()

        def _api(self) -> None:
            shown = self.headers.get("Authorization", "").removeprefix("Bearer ")
            with there.lock:
                there.calls.append(shown)
                known = shown in there.valid
            self._answer(200 if known else 401, {"n": 1} if known else {"error": f"what is {shown}?"})

        def _answer(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response_only(status)
            self.send_header("Date", formatdate(time.time() + there.ahead, usegmt=True))
            if there.retry_after is not None and status >= 400:
                self.send_header("Retry-After", str(there.retry_after))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    """Sixteen callers at once are not too many for it."""

    daemon_threads = True
    request_queue_size = 128


@contextmanager
def token_server(**terms: Any) -> Iterator[TokenServer]:  # noqa: ANN401 -- the fields of TokenServer
    """A running one."""
    there = TokenServer(**terms)

    server = _Server(("127.0.0.1", 0), _handler(there))
    there.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
