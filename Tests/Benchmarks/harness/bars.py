"""The bars that the program must clear, and whether it does.

The ratios are taken within each round of one comparison; the seconds are medians.
"""

from dataclasses import dataclass

from harness.comparisons import (BARE, CURL_VERSION, GO, OURS, PROTOCOLS, ROLLBACK, SEQUENTIAL,
                                 Comparison, Sizes, with_http)


@dataclass(frozen=True)
class Bar:
    """One promise: `measured` is at most, or at least, `limit`; `aim` is where we'd like to be."""

    what: str
    measured: float
    limit: float
    unit: str = "×"
    at_least: bool = False
    aim: float | None = None

    @property
    def is_cleared(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def verdict(self) -> str:
        if not self.is_cleared:
            return "**missed**"
        if self.aim is not None and self.measured < self.aim:
            return "cleared, aim missed"
        return "cleared"

    def shown(self, value: float) -> str:
        digits = 0 if value >= 100 else 1 if value >= 10 or self.unit == "MiB" else 2
        return f"{value:.{digits}f} {self.unit}"

    @property
    def bar(self) -> str:
        text = f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}"
        return text if self.aim is None else f"{text}, aim {self.aim:g}"


def start_bars(starts: Comparison, large: int) -> list[Bar]:
    small = starts[f"{OURS}, nothing due, 10,000 rows"]
    big = starts[f"{OURS}, nothing due, {large:,} rows"]
    curl = starts[CURL_VERSION]
    return [
        Bar("nothing due, 10,000 rows, wall beside `curl --version`",
            curl.times_faster_than(small), 1.5),
        Bar("nothing due, 10,000 rows, memory", small.memory_mib, 24, "MiB"),
        Bar(f"nothing due, {large:,} rows, wall beside 10,000 rows",
            small.times_faster_than(big), 1.5),
    ]


def latency_bars(latency: Comparison, count: int) -> list[Bar]:
    ideal = count * 0.050 / 500
    names = [(with_http(OURS, http), http) for http in PROTOCOLS]
    bars = [Bar(f"{count:,} due at 50 ms, {name}", latency[name].wall, factor * ideal, "s")
            for (name, _), factor in zip(names, (2, 2.5))]
    rollback = with_http(OURS, 2) + ROLLBACK
    bars.append(Bar(f"the same, {rollback}", latency[rollback].wall, 2 * ideal, "s"))
    for name, http in names:
        bars.append(Bar(f"50 ms, {PROTOCOLS[http]}, speed beside a sequential curl loop",
                        latency[name].times_faster_than(latency[SEQUENTIAL]), 100, at_least=True))
        bars.append(Bar(f"50 ms, {PROTOCOLS[http]}, speed beside the Go program",
                        latency[name].times_faster_than(latency[with_http(GO, http)]), 1.3,
                        at_least=True, aim=1.5))
    return bars


def throughput_bars(throughput: Comparison) -> list[Bar]:
    bars = []
    for http, protocol in PROTOCOLS.items():
        ours = throughput[with_http(OURS, http)]
        bars.append(Bar(f"no latency, {protocol}, speed beside bare libcurl",
                        ours.times_faster_than(throughput[with_http(BARE, http)]), 0.55,
                        at_least=True, aim=0.8))
        bars.append(Bar(f"no latency, {protocol}, speed beside the Go program",
                        ours.times_faster_than(throughput[with_http(GO, http)]), 0.9,
                        at_least=True, aim=1.2))
    return bars


def memory_bars(memory: Comparison, sizes: Sizes) -> list[Bar]:
    limits = {"concurrency 500, HTTP/2": 64, "concurrency 500, HTTP/1.1": 96,
              "default concurrency, HTTP/2": 32, "default concurrency, HTTP/1.1": 32}
    return [Bar(f"memory, {sizes.large:,} rows, {sizes.large_due:,} due, {name}",
                memory[name].memory_mib, limit, "MiB") for name, limit in limits.items()]


def sync_bars(syncs: dict[str, float]) -> list[Bar]:
    return [Bar(f"fdatasync per 1,000 refreshes, {name}", count, 50, "")
            for name, count in syncs.items()]
