"""What the server counts, as Prometheus reads it. Nothing that was asked for is counted or logged."""

import time
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.presentation import journal

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "recommender_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "recommender_request_seconds", "Time to the last byte", ["route"], buckets=BUCKETS,
            registry=self._registry,
        )  # fmt: skip
        self.running = Gauge("recommender_requests_running", "Being answered", registry=self._registry)

    def watch(self, states: Callable[[], dict[str, float]], labels: Callable[[], dict[str, str]]) -> None:
        """Ask for these figures whenever the metrics are read: numbers, and the names of the build."""
        self._registry.register(_States(states, labels))

    def text(self) -> bytes:
        """Return all of them in the text format."""
        return generate_latest(self._registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class _States(Collector):
    def __init__(self, states: Callable[[], dict[str, float]], labels: Callable[[], dict[str, str]]) -> None:
        self._states = states
        self._labels = labels

    def collect(self) -> Iterable[Metric]:
        for name, value in self._states().items():
            yield GaugeMetricFamily(f"recommender_{name}", name.replace("_", " "), value=value)
        labels = self._labels()
        info = GaugeMetricFamily("recommender_build_info", "The build that answers", labels=[*labels])
        info.add_metric([*labels.values()], 1.0)
        yield info


class Counting:
    """Counts every request by the route that took it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, build: Callable[[], str | None]) -> None:
        """Take the counters, and what says which build answers."""
        self._app = app
        self._metrics = metrics
        self._build = build

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        self._metrics.running.inc()
        try:
            await self._app(scope, receive, watched)
        finally:
            self._metrics.running.dec()
            route = getattr(scope.get("route"), "path", "none")
            seconds = time.perf_counter() - started
            self._metrics.count(scope["method"], route, status, seconds)
            if journal.is_kept():
                journal.tell(
                    "request", method=scope["method"], route=route, status=status,
                    seconds=journal.rounded(seconds), build=self._build(),
                )  # fmt: skip
