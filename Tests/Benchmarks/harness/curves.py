"""Throughput against one quantity at a time: concurrency, latency, size of the table."""

from collections.abc import Iterable

from harness.comparisons import (BARE, GO, OURS, PROTOCOLS, Comparison, Comparisons, Entry, compare,
                                 with_http)
from harness.programs import Load

Curve = dict[int, Comparison]


class Curves:
    def __init__(self, comparisons: Comparisons) -> None:
        self.comparisons = comparisons
        self.sizes = comparisons.sizes

    def all(self) -> dict[str, Curve]:
        return {
            "concurrency": self.along(
                "concurrency", [Load(self.work(width), 50, width) for width in self.sizes.widths],
                self.sizes.widths),
            "latency": self.along(
                "latency", [Load(self.sizes.latency_due, latency, 500)
                            for latency in self.sizes.latencies], self.sizes.latencies),
            "rows": self.rows(),
        }

    def work(self, width: int) -> int:
        """Refreshes for about two seconds at 50 ms."""
        return min(self.sizes.latency_due, 40 * width)

    def along(self, title: str, loads: Iterable[Load], points: Iterable[int]) -> Curve:
        return {point: compare(f"{title} {point}", self.entries(load), self.sizes.curve_runs)
                for point, load in zip(points, loads)}

    def entries(self, load: Load) -> dict[str, Entry]:
        """We read them from a table in which all are due; the others have no table."""
        result = {}
        for http in PROTOCOLS:
            same = Load(load.refreshes, load.latency, load.concurrency, http)
            result[with_http(OURS, http)] = self.comparisons.ours(load.refreshes, same)
        result[with_http(GO, 2)] = self.comparisons.other("oauth2", load)
        result[with_http(BARE, 2)] = self.comparisons.other("multi", load)
        return result

    def rows(self) -> Curve:
        """The same work in larger and larger tables."""
        due = self.sizes.latency_due
        sizes = [10_000, 100_000, self.sizes.large]
        result = {}
        for rows in sorted({size for size in sizes if size >= due}):
            entries = {with_http(OURS, http): self.comparisons.ours(rows, Load(due, 50, 500, http))
                       for http in PROTOCOLS}
            result[rows] = compare(f"{rows:,} rows", entries, self.sizes.curve_runs)
        return result
