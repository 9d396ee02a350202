"""What is measured: each comparison runs its programs one after the other, round by round."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from harness.measuring import Sample, Series
from harness.programs import RELEASE, Load, Programs
from harness.tables import Table

OURS = "maintain-teams"
GO = "Go, oauth2"
BARE = "bare libcurl"
H2LOAD = "h2load"
MSAL = "Python, msal, 64 threads"
SEQUENTIAL = "sequential curl"
ROLLBACK = ", rollback journal"
CURL_VERSION = "curl --version"
PROTOCOLS = {2: "HTTP/2", 1: "HTTP/1.1"}

Comparison = dict[str, Series]


@dataclass(frozen=True)
class Entry:
    """A program in a comparison. `of` is the work that its time is scaled to."""

    run: Callable[[], Sample]
    refreshes: int = 0
    of: int = 0

    def series(self) -> Series:
        whole = self.of or self.refreshes
        return Series(whole, whole / self.refreshes if self.refreshes else 1.0)


@dataclass
class Sizes:
    """How much work a run is; `--quick` makes it little."""

    runs: int = 5
    latency_due: int = 10_000
    throughput_due: int = 20_000
    large: int = 1_000_000
    large_due: int = 100_000
    sequential: int = 100
    msal: int = 2_000
    curve_runs: int = 3
    widths: list[int] = field(default_factory=lambda: [16, 64, 125, 250, 500, 1000])
    latencies: list[int] = field(default_factory=lambda: [0, 25, 50, 100, 200])


def with_http(name: str, http: int) -> str:
    return f"{name}, {PROTOCOLS[http]}"


def compare(title: str, entries: dict[str, Entry], runs: int) -> Comparison:
    """Interleaved, each round beginning with another program."""
    result = {name: entry.series() for name, entry in entries.items()}
    names = list(entries)
    for turn in range(runs):
        print(f"bench: {title}, round {turn + 1} of {runs}", file=sys.stderr, flush=True)
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            result[name].samples.append(entries[name].run())
    return result


class Comparisons:
    def __init__(self, programs: Programs, sizes: Sizes) -> None:
        self.programs = programs
        self.sizes = sizes

    def ours(self, rows: int, load: Load, journal: str = "wal") -> Entry:
        table = Table(rows, load.refreshes, journal)
        return Entry(partial(self.programs.maintain, table, load), load.refreshes)

    def other(self, name: str, load: Load) -> Entry:
        return Entry(partial(self.programs.contestant, name, load), load.refreshes)

    def idle(self, rows: int) -> tuple[Path, Path]:
        """A database in which nothing is due, and a configuration that names it."""
        programs = self.programs
        database = programs.tables.ready(Table(rows, 0))
        config = programs.directory / f"idle-{rows}.env"
        programs.write_configuration(config, database, Load(0, 0, 16))
        return database, config

    def starts(self) -> Comparison:
        """Runs that send nothing, beside programs of a few milliseconds."""
        ours = str(RELEASE / "maintain-teams")
        large = self.sizes.large
        small, small_config = self.idle(10_000)
        _, large_config = self.idle(large)
        commands = {
            CURL_VERSION: ["curl", "--version"],
            f"{OURS}, nothing due, 10,000 rows": [ours, "--config", str(small_config)],
            f"{OURS}, nothing due, {large:,} rows": [ours, "--config", str(large_config)],
            "sqlite3, one row": [
                "sqlite3", str(small), "SELECT access_token FROM oauth_tokens WHERE user_id = 5000"],
            "teams-token access-token, fresh": [
                str(RELEASE / "teams-token"), "access-token", "5000", "--config",
                str(small_config)],
        }
        entries = {name: Entry(partial(self.programs.short, command))
                   for name, command in commands.items()}
        return compare("starts", entries, self.sizes.runs)

    def latency(self) -> Comparison:
        """10,000 due at 50 ms."""
        count, sizes = self.sizes.latency_due, self.sizes
        entries = {}
        for http in PROTOCOLS:
            load = Load(count, 50, 500, http)
            entries[with_http(OURS, http)] = self.ours(count, load)
            entries[with_http(GO, http)] = self.other("oauth2", load)
            entries[with_http(BARE, http)] = self.other("multi", load)
        entries[with_http(OURS, 2) + ROLLBACK] = self.ours(count, Load(count, 50, 500), "delete")
        msal = Load(sizes.msal, 50, 64, 1)
        entries[MSAL] = Entry(partial(self.programs.msal, msal), sizes.msal, count)
        one = Load(sizes.sequential, 50, 1, 1)
        entries[SEQUENTIAL] = Entry(partial(self.programs.sequential, one), sizes.sequential, count)
        return compare("50 ms", entries, sizes.runs)

    def throughput(self) -> Comparison:
        """20,000 due, a server that answers at once."""
        count = self.sizes.throughput_due
        entries = {}
        for http in PROTOCOLS:
            load = Load(count, 0, 500, http)
            entries[with_http(OURS, http)] = self.ours(count, load)
            entries[with_http(GO, http)] = self.other("oauth2", load)
            entries[with_http(BARE, http)] = self.other("multi", load)
            entries[with_http(H2LOAD, http)] = Entry(partial(self.programs.h2load, load), count)
        return compare("no latency", entries, self.sizes.runs)

    def memory(self) -> Comparison:
        """A large table, a tenth of it due."""
        due, rows = self.sizes.large_due, self.sizes.large
        return compare("memory", {
            "concurrency 500, HTTP/2": self.ours(rows, Load(due, 0, 500, 2)),
            "concurrency 500, HTTP/1.1": self.ours(rows, Load(due, 0, 500, 1)),
            "default concurrency, HTTP/2": self.ours(rows, Load(due, 0, 16, 2)),
            "default concurrency, HTTP/1.1": self.ours(rows, Load(due, 0, 16, 1)),
        }, min(self.sizes.runs, 3))

    def syncs(self) -> dict[str, float]:
        """fsync and fdatasync per 1,000 refreshes."""
        count = self.sizes.latency_due
        return {
            f"{name}, {latency} ms": self.programs.syncs(Table(count, count, journal),
                                                         Load(count, latency, 500))
            for journal, name in (("wal", "write-ahead log"), ("delete", "rollback journal"))
            for latency in (0, 50)
        }
