"""Events as they are, to any receiver that speaks CloudEvents 1.0 over HTTP: one a request, or in batches."""

from erp_adapters.cloudevents.adapter import CloudEventsAdapter
from erp_adapters.cloudevents.feed import CloudEventsFeed

__all__ = ["CloudEventsAdapter", "CloudEventsFeed"]
