"""The programs that are compared: how each is started, and the proof that it did its work."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.measuring import FailedRun, Meter, Sample
from harness.server import TokenServer
from harness.tables import Table, Tables

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
RELEASE = ROOT / ".build" / "release"


@dataclass(frozen=True)
class Load:
    """What is asked of a program."""

    refreshes: int
    latency: int
    concurrency: int
    http: int = 2


def compile_all(directory: Path) -> None:
    """The measuring helper and the contestants in C and Go, without network."""
    def c(source: Path, *libraries: str) -> None:
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", str(directory / source.stem),
                        str(source), *libraries], check=True)

    c(HERE / "harness" / "measure.c")
    c(HERE / "contestants" / "multi.c", "-lcurl")
    subprocess.run(
        ["/usr/bin/go", "build", "-o", str(directory / "oauth2"),
         str(HERE / "contestants" / "oauth2.go")],
        check=True,
        env={"PATH": "/usr/bin:/bin", "GOPATH": "/usr/share/gocode", "GO111MODULE": "off",
             "GOFLAGS": "", "GOCACHE": str(directory / "go-cache"), "HOME": str(directory)})


class Programs:
    def __init__(self, directory: Path, meter: Meter, server: TokenServer, tables: Tables) -> None:
        self.directory = directory
        self.meter = meter
        self.server = server
        self.tables = tables

    def write_configuration(self, path: Path, database: Path, load: Load) -> None:
        """A file, as under cron."""
        path.touch(mode=0o600)
        path.write_text("\n".join([
            "TEAMS_CLIENT_ID=bench",
            "TEAMS_CLIENT_SECRET=secret",
            f"TEAMS_TENANT_ID={self.server.tenant(load.latency)}",
            f"TEAMS_AUTHORITY_HOST={self.server.host(load.http)}",
            f"TEAMS_CA_FILE={self.server.ca}",
            f"TEAMS_DATABASE={database}",
            f"TEAMS_CONCURRENCY={load.concurrency}",
        ]) + "\n")

    def maintain_command(self, database: Path, load: Load) -> list[str]:
        config = self.directory / "config.env"
        self.write_configuration(config, database, load)
        return [str(RELEASE / "maintain-teams"), "--config", str(config)]

    def maintain(self, table: Table, load: Load) -> Sample:
        database = self.tables.ready(table)
        sample, _ = self.meter.run(self.maintain_command(database, load))
        left = self.tables.due_count(database)
        if left:
            raise FailedRun(f"maintain-teams left {left} of {table.due} due")
        return sample

    def syncs(self, table: Table, load: Load) -> float:
        """fsync and fdatasync per 1,000 refreshes."""
        database = self.tables.ready(table)
        return self.meter.syncs(self.maintain_command(database, load)) / table.due * 1000

    def redeem(self, command: list[str], load: Load) -> Sample:
        sample, output = self.meter.run(command)
        if int(output) != load.refreshes:
            raise FailedRun(f"{command[0]}: {output.strip()} of {load.refreshes} succeeded")
        return sample

    def contestant(self, name: str, load: Load) -> Sample:
        """`multi` (bare libcurl) or `oauth2` (Go)."""
        return self.redeem(
            [str(self.directory / name), self.server.url(load.http, load.latency),
             str(self.server.ca), str(self.tables.tokens_file(load.refreshes)),
             str(load.concurrency), str(load.http)], load)

    def msal(self, load: Load) -> Sample:
        authority = f"{self.server.host(1)}/{self.server.tenant(load.latency)}"
        return self.redeem(
            ["/usr/bin/python3", str(HERE / "contestants" / "msal_threads.py"), authority,
             str(self.server.ca), str(self.tables.tokens_file(load.refreshes)),
             str(load.concurrency)], load)

    def sequential(self, load: Load) -> Sample:
        return self.redeem(
            ["sh", str(HERE / "contestants" / "sequential.sh"), self.server.url(1, load.latency),
             str(self.server.ca), str(self.tables.tokens_file(load.refreshes))], load)

    def h2load(self, load: Load) -> Sample:
        """The server's own limit: the same form again and again."""
        form = self.directory / "form"
        token = self.tables.tokens_file(1).read_text().strip()
        form.write_text("client_id=bench&client_secret=secret&grant_type=refresh_token"
                        f"&refresh_token={token}")
        # As multi.c: four connections over HTTP/2.
        connections = ["-c", "4", "-m", str(load.concurrency // 4)] if load.http == 2 else \
            ["--h1", "-c", str(load.concurrency)]
        sample, output = self.meter.run(
            ["h2load", "-t", "1", "-n", str(load.refreshes), *connections, "-d", str(form),
             "-H", "content-type: application/x-www-form-urlencoded",
             self.server.url(load.http, load.latency)])
        found = re.search(r"status codes: (\d+) 2xx", output)
        if not found or int(found.group(1)) != load.refreshes:
            raise FailedRun(f"h2load: {output}")
        return sample

    def short(self, command: list[str]) -> Sample:
        """A run of a few milliseconds: the median of twenty."""
        sample, _ = self.meter.run(command, repeat=20)
        return sample
