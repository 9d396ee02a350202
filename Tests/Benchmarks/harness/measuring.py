"""Runs a whole process and says what it cost."""

import os
import re
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Sample:
    """One run of one program."""

    wall: float
    cpu: float
    memory_mib: float


@dataclass
class Series:
    """All runs of one program in one comparison. A sample of the work is said so: the wall time of
    100 sequential requests is scaled to what 10,000 would take."""

    refreshes: int = 0
    scale: float = 1.0
    samples: list[Sample] = field(default_factory=list)

    @property
    def wall(self) -> float:
        return median(sample.wall for sample in self.samples) * self.scale

    @property
    def rate(self) -> float:
        return self.refreshes / self.wall

    @property
    def cpu(self) -> float:
        return median(sample.cpu for sample in self.samples) * self.scale

    @property
    def cpu_per_thousand(self) -> float:
        return self.cpu / self.refreshes * 1000

    @property
    def memory_mib(self) -> float:
        return median(sample.memory_mib for sample in self.samples)

    @property
    def spread(self) -> float:
        """How far the slowest run is from the fastest, as a part of the median."""
        walls = [sample.wall for sample in self.samples]
        return (max(walls) - min(walls)) / median(walls)

    def times_faster_than(self, other: "Series") -> float:
        """Median of the ratios within each round, so that a slow minute of the machine counts for
        both or for neither."""
        return median(theirs.wall * other.scale / (ours.wall * self.scale)
                      for ours, theirs in zip(self.samples, other.samples))

    def record(self) -> dict[str, object]:
        return asdict(self)


class FailedRun(Exception):
    """A program that did not do its work: its time means nothing."""


class Meter:
    """Measures programs with the helper `measure`, which is compiled once."""

    def __init__(self, program: Path, directory: Path, environment: dict[str, str]) -> None:
        self.program = program
        self.result = directory / "measured"
        self.trace = directory / "trace"
        self.environment = environment

    def run(self, command: list[str], repeat: int = 1) -> tuple[Sample, str]:
        """The sample and the program's output; of several repetitions the medians and the last
        output. What others have left in the page cache is written before."""
        os.sync()
        samples = []
        output = ""
        for _ in range(repeat):
            sample, output = self.once(command)
            samples.append(sample)
        return Sample(
            median(sample.wall for sample in samples), median(sample.cpu for sample in samples),
            median(sample.memory_mib for sample in samples)), output

    def once(self, command: list[str]) -> tuple[Sample, str]:
        done = subprocess.run(
            [str(self.program), str(self.result), *command], env=self.environment,
            capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
        wall, cpu, memory, status = self.result.read_text().split()
        if status != "0":
            raise FailedRun(f"{command[0]} ended with {status}: {(done.stdout + done.stderr)[:2000]}")
        return Sample(float(wall), float(cpu), int(memory) / 1024), done.stdout

    def syncs(self, command: list[str]) -> int:
        """How often the program called fsync or fdatasync, in a run that is not timed."""
        subprocess.run(
            ["strace", "-f", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o", str(self.trace),
             *command],
            env=self.environment, check=True, capture_output=True, timeout=LIMIT_SECONDS)
        return len(re.findall(r"^\d+ +(?:fsync|fdatasync)\(", self.trace.read_text(), re.MULTILINE))
