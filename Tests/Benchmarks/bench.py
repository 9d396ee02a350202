"""Measures whole programs beside others and judges them by the bars. README.md says how to read it.

Exit status 1 when a bar is missed.
"""

import argparse
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from harness import machine, plots, report
from harness.bars import Bar, latency_bars, memory_bars, start_bars, sync_bars, throughput_bars
from harness.comparisons import Comparison, Comparisons, Sizes
from harness.curves import Curve, Curves
from harness.measuring import FailedRun, Meter
from harness.programs import RELEASE, ROOT, Programs, compile_all
from harness.server import TokenServer
from harness.tables import Tables

PARTS = ["starts", "latency", "throughput", "memory", "syncs", "curves"]
QUICK = Sizes(runs=2, latency_due=2_000, throughput_due=5_000, large=100_000, large_due=10_000,
              sequential=20, msal=500, curve_runs=1, widths=[16, 125, 500], latencies=[0, 50, 200])


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, help="rounds of each comparison (default: 5)")
    parser.add_argument("--quick", action="store_true",
                        help="little work, a minute or two; bars that speak of more rows mean little")
    parser.add_argument("--only", choices=PARTS, action="append", metavar="PART",
                        help=f"one part of the whole, may be repeated: {', '.join(PARTS)}")
    parser.add_argument("--workers", type=int, default=2, help="worker processes of nginx (default: 2)")
    parser.add_argument("--page", type=Path,
                        help="page whose tables are written anew, with plots in a folder beside it")
    return parser.parse_args()


def recorded(value: Comparison | dict[int, Comparison]) -> dict[str, object]:
    return {str(key): recorded(inner) if isinstance(inner, dict) else inner.record()
            for key, inner in value.items()}


def measure(comparisons: Comparisons, parts: list[str], sizes: Sizes
            ) -> tuple[dict[str, str], list[Bar], dict[str, object], dict[str, Curve]]:
    """Sections of the page, bars, raw figures, curves."""
    sections: dict[str, str] = {}
    bars: list[Bar] = []
    raw: dict[str, object] = {}
    curves: dict[str, Curve] = {}
    if "starts" in parts:
        starts = comparisons.starts()
        raw["starts"] = recorded(starts)
        sections["starts"] = report.start_table(starts)
        bars += start_bars(starts, sizes.large)
    if "latency" in parts:
        latency = comparisons.latency()
        raw["latency"] = recorded(latency)
        sections["latency"] = report.work_table(latency)
        bars += latency_bars(latency, sizes.latency_due)
    if "throughput" in parts:
        throughput = comparisons.throughput()
        raw["throughput"] = recorded(throughput)
        sections["throughput"] = report.work_table(throughput)
        bars += throughput_bars(throughput)
    if "memory" in parts:
        memory = comparisons.memory()
        raw["memory"] = recorded(memory)
        sections["memory"] = report.work_table(memory)
        bars += memory_bars(memory, sizes)
    if "syncs" in parts:
        syncs = comparisons.syncs()
        raw["syncs"] = syncs
        sections["syncs"] = report.sync_table(syncs)
        bars += sync_bars(syncs)
    if "curves" in parts:
        curves = Curves(comparisons).all()
        raw["curves"] = {name: recorded(curve) for name, curve in curves.items()}
    sections["bars"] = report.bar_table(bars)
    return sections, bars, raw, curves


def main() -> int:
    # The server is stopped and the tables are removed on this way out too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asked = options()
    sizes = QUICK if asked.quick else Sizes()
    sizes.runs = asked.runs or sizes.runs
    work = ROOT / ".build" / "benchmarks"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for program in ("maintain-teams", "teams-token"):
        if not (RELEASE / program).exists():
            raise SystemExit(f"bench: {program} is missing: `make build` makes it")
    here = machine.describe(asked.workers, sizes.runs)
    compile_all(work)
    # Nothing of this shell's own configuration.
    environment = {"PATH": os.environ["PATH"], "HOME": str(work), "LANG": "C.UTF-8"}
    meter = Meter(work / "measure", work, environment)
    tables = Tables(work / "tables", ROOT / "docs" / "scripts" / "demo-table.sql")
    try:
        with TokenServer(work / "server", asked.workers) as server:
            comparisons = Comparisons(Programs(work, meter, server, tables), sizes)
            sections, bars, raw, curves = measure(comparisons, asked.only or PARTS, sizes)
    except FailedRun as failure:
        raise SystemExit(f"bench: {failure}") from failure
    finally:
        shutil.rmtree(work / "tables", ignore_errors=True)

    sections = {"machine": report.machine_table(here), **sections}
    results = work / "results.json"
    raw = {"machine": here, "bars": [vars(bar) for bar in bars], **raw}
    results.write_text(json.dumps(raw, indent=1) + "\n")
    for name, content in sections.items():
        print(f"## {name}\n\n{content}\n")
    drawn = work
    if asked.page:
        report.update(asked.page, sections)
        drawn = asked.page.with_suffix("")
        drawn.mkdir(exist_ok=True)
        shutil.copy(results, drawn / "results.json")
    plots.draw(curves, drawn)
    print(f"bench: raw figures in {results}", file=sys.stderr)
    return 0 if all(bar.is_cleared for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
