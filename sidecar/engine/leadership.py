"""Leadership: holding one lease, and knowing when not to trust it any more."""

import threading

from sidecar.domain.errors import StorageError
from sidecar.domain.lease import LeaseTerms, TrustWindow
from sidecar.ports import Clock, LeaseStore, Observer


class Leadership:
    """One role's lease; `trusted` is cheap and may be asked from any thread before anything begins."""

    def __init__(
        self,
        leases: LeaseStore,
        role: str,
        scope: str,
        owner: str,
        terms: LeaseTerms,
        clock: Clock,
        observer: Observer,
    ) -> None:
        """Nothing is taken yet."""
        self._leases, self._role, self._scope, self._owner = leases, role, scope, owner
        self._terms, self._clock, self._observer = terms, clock, observer
        self._window = TrustWindow(float("-inf"))
        self._token: int | None = None
        self._lock = threading.Lock()

    @property
    def token(self) -> int:
        """The fencing token; 0, which no row carries, when nothing is held."""
        return self._token or 0

    def acquire(self) -> bool:
        """Try once to take the lease."""
        started = self._clock.monotonic()
        token = self._leases.acquire(self._role, self._scope, self._owner, self._terms)
        if token is None:
            return False
        with self._lock:
            self._token = token
            self._window = TrustWindow.opened(started, self._terms)
        self._observer.note("lease.acquired", role=self._role, scope=self._scope, token=token)
        return True

    def keep(self) -> None:
        """Renew if held; losing the lease closes the trust window at once."""
        token = self._token
        if token is None:
            return
        started = self._clock.monotonic()
        try:
            kept = self._leases.renew(self._role, self._scope, self._owner, token, self._terms)
        except StorageError as error:
            self._observer.note("lease.renewal_failed", role=self._role, scope=self._scope, error=str(error))
            return
        with self._lock:
            if self._token != token:
                return  # acquired anew meanwhile: this word is about a token that is gone
            if kept:
                self._window = TrustWindow.opened(started, self._terms)
            else:
                self._token, self._window = None, TrustWindow(float("-inf"))
        if not kept:
            self._observer.note("lease.lost", role=self._role, scope=self._scope)

    def trusted(self) -> bool:
        """Tell whether something may begin now."""
        with self._lock:
            return self._token is not None and self._window.allows(self._clock.monotonic())

    def give_up(self) -> None:
        """Release the lease if it is still ours, so that a successor need not wait for its end."""
        if self._token is not None:
            self._leases.release(self._role, self._scope, self._owner, self._token)
            self._token = None
            self._window = TrustWindow(float("-inf"))
