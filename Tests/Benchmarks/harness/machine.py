"""Where and with what the figures were made."""

import os
import platform
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from harness.programs import RELEASE, ROOT


def first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).split("\n")[0].strip()


def processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found.group(1) if found else platform.machine()


def memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())


def describe(workers: int, runs: int) -> dict[str, str]:
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "commit": first_line("git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"),
        "machine": f"{processor()}, {os.cpu_count()} cores, {memory_gib()} GiB, "
                   f"{system()}, Linux {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "versions": "; ".join([
            first_line(str(RELEASE / "maintain-teams"), "--version"),
            re.sub(r" \(.*?\)", "", first_line("curl", "--version")),
            f"SQLite {first_line('sqlite3', '--version').split(' ')[0]}",
            first_line("/usr/sbin/nginx", "-v").removeprefix("nginx version: "),
            first_line("/usr/bin/go", "version").removesuffix(" linux/amd64"),
            "msal " + first_line("/usr/bin/python3", "-c", "import msal; print(msal.__version__)"),
            first_line("h2load", "--version"),
        ]),
        "server": f"nginx with {workers} worker process{'es' if workers > 1 else ''} on the same cores",
        "runs": str(runs),
    }
