"""The figures as Markdown, put between the markers of docs/performance.md; the prose around them is
written by hand and stays."""

from pathlib import Path

from harness.bars import Bar
from harness.comparisons import Comparison


def table(head: list[str], rows: list[list[str]]) -> str:
    """The first column is text, the others are figures."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def machine_table(machine: dict[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in machine.items())])


def bar_table(bars: list[Bar]) -> str:
    return table(["what", "measured", "bar", ""],
                 [[bar.what, bar.shown(bar.measured).strip(), bar.bar.strip(), bar.verdict]
                  for bar in bars])


def start_table(starts: Comparison) -> str:
    return table(["run", "wall ms", "CPU ms", "memory MiB"],
                 [[name, f"{series.wall * 1000:.1f}", f"{series.cpu * 1000:.1f}",
                   f"{series.memory_mib:.1f}"]
                  for name, series in starts.items()])


def work_table(comparison: Comparison) -> str:
    """Spread: from the fastest run to the slowest."""
    return table(["program", "wall s", "refreshes/s", "CPU s per 1,000", "memory MiB", "spread"],
                 [[name + (" (scaled)" if series.scale > 1 else ""), f"{series.wall:.2f}",
                   f"{series.rate:,.0f}", f"{series.cpu_per_thousand:.3f}",
                   f"{series.memory_mib:.0f}", f"{series.spread:.0%}"]
                  for name, series in comparison.items()])


def sync_table(syncs: dict[str, float]) -> str:
    return table(["journal, latency", "fdatasync per 1,000"],
                 [[name, f"{count:.1f}"] for name, count in syncs.items()])


def update(page: Path, sections: dict[str, str]) -> None:
    text = page.read_text()
    for name, content in sections.items():
        begin, end = f"<!-- bench: {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(begin)
        if not found:
            raise SystemExit(f"bench: {page.name} has no marker for {name}")
        text = f"{before}{begin}{content}\n{end}{rest.partition(end)[2]}"
    page.write_text(text)
