"""The form of what a blueprint says about an ERP's own doings, and what must not be said together.

inbound:
  takes: [orders, deliveries, invoices, credit_memos]
  every: 30s
  sources: {W1: west}                       # the ERP's warehouse: Magento's source
  capture: {checkmo: none, braintree: online, paypal_express: elsewhere}
  refunds: magento                          # who gives money back at the payment provider
  restock: received
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from sidecar.blueprint.ground import Part, Text
from sidecar.configuration import PositiveDuration, Problem, invalid, listed
from sidecar.domain.delivery import ChangeKind
from sidecar.domain.policy import Capture, InboundPolicy

LONGEST_CALL: Final = timedelta(minutes=1)
SHORTEST_PATIENCE: Final = timedelta(minutes=1)
_PATIENCE: Final = InboundPolicy(frozenset()).patience


def _longer_than_php(value: timedelta) -> timedelta:
    """Less than a minute is less than PHP's own limits: a call that still runs would be made twice."""
    if value < SHORTEST_PATIENCE:
        raise invalid(f"less than a minute ({value})", "a duration from 1m on: a lost call may still be running")
    return value


def _bearable(value: timedelta) -> timedelta:
    if value > LONGEST_CALL:
        raise invalid(
            f"more than {LONGEST_CALL} ({value})", "up to 1m: systemd's watchdog takes a longer one for a hang"
        )
    return value


class InboundPart(Part):
    """What of an ERP's own doing becomes Magento's, and how."""

    takes: frozenset[ChangeKind] = Field(min_length=1, description="a list of " + listed(ChangeKind))
    every: PositiveDuration = InboundPolicy(frozenset()).every
    sources: dict[Text, Text] = Field(
        default_factory=dict, description="Magento's source for each of the ERP's warehouses"
    )
    capture: dict[Text, Capture] = Field(
        default_factory=dict, description="for each payment method one of " + listed(Capture)
    )
    refunds: Literal["magento", "erp", "provider"] | None = Field(default=None, description="magento, erp, provider")
    restock: Literal["received", "always", "never"] = Field(default="received", description="received, always, never")
    notify: Annotated[bool, Field(strict=True)] = Field(default=False, description="true, false")
    patience: Annotated[PositiveDuration, AfterValidator(_longer_than_php)] = _PATIENCE
    call_deadline: Annotated[PositiveDuration, AfterValidator(_bearable)] = InboundPolicy(frozenset()).call_deadline

    def policy(self, warehouses: Mapping[str, Sequence[str]]) -> InboundPolicy:
        """The same in the words of the domain; where no sources are named, those of the stock deltas are, backwards."""
        return InboundPolicy(
            takes=self.takes,
            every=self.every,
            sources=self.sources or {warehouse: sources[0] for warehouse, sources in warehouses.items()},
            capture=self.capture,
            refunds=self.refunds or "erp",
            restock=self.restock,
            notify=self.notify,
            patience=self.patience,
            call_deadline=self.call_deadline,
        )


def inbound_problems(
    at: str, part: InboundPart | None, warehouses: Mapping[str, Sequence[str]], *, takes_orders: bool
) -> Iterator[Problem]:
    """What is missing or contradicts itself."""
    if part is None:
        return
    if not takes_orders:
        yield Problem(at, "a table that is never used", "none, as the destination takes no orders")
    if ChangeKind.INVOICES in part.takes and not part.capture:
        found = "nothing although invoices are taken"
        yield Problem(f"{at}.capture", found, "for each payment method one of " + listed(Capture))
    if ChangeKind.CREDIT_MEMOS in part.takes and part.refunds is None:
        found = "nothing although credit_memos are taken"
        yield Problem(f"{at}.refunds", found, "magento, erp, provider: one of them gives the money back")
    if part.refunds == "magento" and Capture.ONLINE not in part.capture.values():
        found = "magento, and no payment method is captured online"
        yield Problem(f"{at}.refunds", found, "erp, provider; or online for a method in capture")
    for warehouse, sources in sorted(warehouses.items()) if not part.sources else ():
        if len(sources) > 1:
            found = f"nothing, and warehouse {warehouse} stands for {listed(sorted(sources))}"
            yield Problem(f"{at}.sources", found, f"a table {{warehouse: source}} in which {warehouse} has one source")


def untold_problems(at: str, policy: InboundPolicy | None, told: frozenset[ChangeKind]) -> Iterator[Problem]:
    """What is taken and the ERP's adapter never tells."""
    for kind in sorted(policy.takes - told) if policy is not None else ():
        found = f"{kind}, of which the adapter tells nothing"
        yield Problem(f"{at}.takes", found, f"{listed(sorted(told)) or 'none'}; or a profile that reads {kind}")
