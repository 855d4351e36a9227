"""OpenTelemetry spans: one for each tenant, one for each of its migrations."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from limbeck.errors import FleetError
from limbeck.runtime import Event, Failed, Finished, Listener, Started

if TYPE_CHECKING:
    from limbeck.environment import Tenant


class TenantSpan(Protocol):
    """The span of one tenant."""

    def ended(self, outcome: str, error: str) -> None:
        """Record what came of it."""


class Tracing:
    """Makes no spans."""

    @staticmethod
    def wanted(is_wanted: bool) -> Tracing:  # noqa: FBT001 - a setting
        """Return what makes spans, or what makes none.

        Raises:
            FleetError: OpenTelemetry is not installed.
        """
        if not is_wanted:
            return Tracing()
        try:
            trace: Any = importlib.import_module("opentelemetry.trace")
        except ImportError:
            raise FleetError(
                "tracing of the fleet needs OpenTelemetry, which is not installed",
                hint="pip install 'limbeck[otel]', or leave tracing out.",
            ) from None
        return SpanTracing(trace)

    @contextmanager
    def tenant(self, _tenant: Tenant, _action: str) -> Iterator[TenantSpan]:
        """Make the span of a tenant for the length of a block."""
        yield _NoSpan()

    def listener(self) -> Listener | None:
        """Return what makes spans of the migrations of the current tenant."""
        return None


class _NoSpan:
    """Records nothing."""

    def ended(self, outcome: str, error: str) -> None:
        """Record nothing."""


class SpanTracing(Tracing):
    """Makes spans with the tracer that the process has configured.

    Args:
        api: the module `opentelemetry.trace`.
    """

    def __init__(self, api: Any) -> None:
        self._api = api
        self._tracer = api.get_tracer("limbeck.fleet")

    @contextmanager
    def tenant(self, tenant: Tenant, action: str) -> Iterator[TenantSpan]:
        """Make the span of a tenant for the length of a block."""
        attributes = {"limbeck.tenant": tenant.id, "limbeck.action": action}
        if tenant.group is not None:
            attributes["limbeck.group"] = tenant.group
        with self._tracer.start_as_current_span(f"{action} tenant", attributes=attributes) as span:
            yield _Span(self._api, span)

    def listener(self) -> Listener:
        """Return what makes spans of the migrations of the current tenant."""
        running: list[Any] = []

        def listen(event: Event) -> None:
            if isinstance(event, Started):
                span = self._tracer.start_span(f"migration {event.move.revision.id}")
                span.set_attribute("limbeck.revision", event.move.revision.id)
                span.set_attribute("limbeck.direction", event.move.direction)
                running.append(span)
            elif isinstance(event, (Finished, Failed)) and running:
                span = running.pop()
                if isinstance(event, Failed):
                    span.set_status(self._api.StatusCode.ERROR)
                span.end()

        return listen


class _Span:
    """The span of one tenant."""

    def __init__(self, api: Any, span: Any) -> None:
        self._api = api
        self._span = span

    def ended(self, outcome: str, error: str) -> None:
        """Record what came of it."""
        self._span.set_attribute("limbeck.outcome", outcome)
        if outcome == "failed":
            self._span.set_status(self._api.StatusCode.ERROR, error)
