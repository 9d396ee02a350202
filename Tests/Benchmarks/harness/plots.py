"""The curves as SVG, drawn by gnuplot."""

import subprocess
from pathlib import Path

from harness.curves import Curve

STYLE = """
set terminal svg size 720,420 font "sans-serif,12" background "#ffffff"
set output "{output}"
set title "{title}"
set xlabel "{label}"
set ylabel "refreshes per second"
set yrange [0:*]
set grid ytics linecolor "#dddddd"
set border 3
set tics nomirror
set key below
set xtics ({ticks})
"""

AXES = {
    "concurrency": ("Throughput by concurrency, at 50 ms", "requests in flight", True),
    "latency": ("Throughput by latency, 500 in flight", "latency of the server, ms", False),
    "rows": ("Throughput by size of the table, 10,000 due at 50 ms", "rows", True),
}


def script(name: str, curve: Curve, output: Path) -> str:
    title, label, logarithmic = AXES[name]
    series = list(next(iter(curve.values())))
    ticks = ", ".join(f'"{x:,}" {x}' for x in curve)
    lines = [STYLE.format(output=output, title=title, label=label, ticks=ticks)]
    if logarithmic:
        lines.append("set logscale x")
    for index, contestant in enumerate(series):
        points = "\n".join(f"{x} {comparison[contestant].rate:.0f}" for x, comparison in curve.items())
        lines.append(f"$series{index} << END\n{points}\nEND")
    drawn = ", ".join(f'$series{index} using 1:2 with linespoints linewidth 2 pointtype {index + 4} '
                      f'title "{contestant}"' for index, contestant in enumerate(series))
    return "\n".join([*lines, f"plot {drawn}", ""])


def draw(curves: dict[str, Curve], directory: Path) -> None:
    for name, curve in curves.items():
        output = directory / f"{name}.svg"
        subprocess.run(["gnuplot"], input=script(name, curve, output), text=True, check=True)
