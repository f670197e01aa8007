"""What the service counts. Labels are names of ours (rules, actions, dialects); never anything a person wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from replylint.model import Report

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """Counters of one service, in a registry of its own."""

    def __init__(self, conversations: Callable[[], int], fail_modes: Iterable[tuple[str, str]]) -> None:
        """`fail_modes`: each dialect with what becomes of a reply that could not be judged, allow or block."""
        self._registry = registry = CollectorRegistry()
        self._checks = Counter("replylint_checks", "Replies judged", ("dialect", "action"), registry=registry)
        self._findings = Counter("replylint_findings", "Findings", ("rule", "severity"), registry=registry)
        self._seconds = Histogram(
            "replylint_check_seconds", "From request to answer", ("dialect",), buckets=_SECONDS, registry=registry
        )
        self._failures = Counter(
            "replylint_failures", "Requests not judged, and what became of them", ("dialect", "cause", "outcome"),
            registry=registry,
        )  # fmt: skip
        self._reloads = Counter("replylint_reloads", "Reloads of the rule packs", ("result",), registry=registry)
        self._packs = Gauge("replylint_packs", "1 for the pack set in use", ("version",), registry=registry)
        Gauge("replylint_conversations", "Conversations remembered", registry=registry).set_function(conversations)
        modes = Gauge("replylint_fail_mode", "1 for the mode in force", ("dialect", "on_error"), registry=registry)
        for dialect, on_error in fail_modes:
            modes.labels(dialect, on_error).set(1)
            for outcome in ("allow", "block"):
                self._failures.labels(dialect, "timeout", outcome)

    def judged(self, dialect: str, report: Report) -> None:
        """One reply was judged."""
        self._checks.labels(dialect, report.action).inc()
        for finding in report.findings:
            self._findings.labels(finding.rule, finding.severity).inc()

    def took(self, dialect: str, seconds: float) -> None:
        """One request was answered."""
        self._seconds.labels(dialect).observe(seconds)

    def failed(self, dialect: str, cause: str, outcome: str) -> None:
        """A request was not judged. `outcome` is what became of it: allow, block, or refused."""
        self._failures.labels(dialect, cause, outcome).inc()

    def reloaded(self, result: str) -> None:
        """The packs were read again: ok, or failed and the old ones stay."""
        self._reloads.labels(result).inc()

    def uses(self, version: str) -> None:
        """From now on replies are judged by this pack set."""
        self._packs.clear()
        self._packs.labels(version).set(1)

    def page(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
