"""Databases with many connections: the schema of docs/store.md, tokens as long as Microsoft's.

Those that are due are spread over the whole table. A table is made once and copied for each run; a
large one (4 KB a row) is not copied: its rows are made due again instead.
"""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

COPIED_UP_TO = 100_000

# hex() of random bytes is as long as a token, as random, and made by SQLite itself.
ROWS = """
WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < :rows)
INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at, scope)
SELECT n, 'eyJ0eXAi' || hex(randomblob(970)), '0.AXoA' || hex(randomblob(620)),
  datetime('now', (86400 + n * 7919 % 864000) || ' seconds'), 'User.Read Team.ReadBasic.All'
FROM counter
"""

# Around now: some expired a while ago, some are about to.
MAKE_DUE = """
UPDATE oauth_tokens SET expires_at = datetime('now', (id * 31 % 1200 - 600) || ' seconds')
WHERE id % :step = 0 AND id / :step <= :due
"""


@dataclass(frozen=True)
class Table:
    """What a database looks like before a run."""

    rows: int
    due: int
    journal: str = "wal"

    @property
    def name(self) -> str:
        return f"{self.rows}-{self.due}-{self.journal}"


class Tables:
    """Makes databases in a directory."""

    def __init__(self, directory: Path, schema: Path) -> None:
        self.directory = directory
        self.schema = schema.read_text()
        directory.mkdir()

    def ready(self, table: Table) -> Path:
        """A database in that state, for one run."""
        if table.rows > COPIED_UP_TO:
            return self.large(table)
        master = self.directory / f"{table.name}.master"
        if not master.exists():
            self.make(master, table)
            self.make_due(master, table)
        copy = self.directory / f"{table.name}.sqlite3"
        self.remove(copy)
        shutil.copy(master, copy)
        copy.chmod(0o600)
        return copy

    def large(self, table: Table) -> Path:
        path = self.directory / f"{table.rows}-{table.journal}.sqlite3"
        if not path.exists():
            self.make(path, table)
        self.make_due(path, table)
        return path

    def make(self, path: Path, table: Table) -> None:
        database = sqlite3.connect(path)
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(self.schema)
        database.execute(ROWS, {"rows": table.rows})
        database.commit()
        database.execute(f"PRAGMA journal_mode = {table.journal}")
        database.close()
        path.chmod(0o600)

    def make_due(self, path: Path, table: Table) -> None:
        """All others are left fresh for days. What a former pass remembers is removed."""
        database = sqlite3.connect(path)
        database.execute("UPDATE oauth_tokens SET expires_at = datetime('now', '5 days')"
                         " WHERE expires_at < datetime('now', '12 hours')")
        if table.due:
            step = table.rows // table.due
            database.execute(MAKE_DUE, {"step": step, "due": table.due})
        own = database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'maintain\\_teams\\_%'"
                               " ESCAPE '\\' AND type = 'table'").fetchall()
        for (name,) in own:
            database.execute(f"DROP TABLE {name}")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    def remove(self, path: Path) -> None:
        for file in self.directory.glob(f"{path.name}*"):
            file.unlink()

    @staticmethod
    def due_count(path: Path) -> int:
        database = sqlite3.connect(path)
        (count,) = database.execute("SELECT count(*) FROM oauth_tokens"
                                    " WHERE expires_at < datetime('now', '30 minutes')").fetchone()
        database.close()
        return int(count)

    def tokens_file(self, count: int) -> Path:
        """As many refresh tokens, one a line, for those who have no database."""
        path = self.directory / f"{count}.tokens"
        if not path.exists():
            database = sqlite3.connect(":memory:")
            rows = database.execute(
                "WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter"
                " WHERE n < ?) SELECT '0.AXoA' || hex(randomblob(620)) FROM counter", (count,))
            path.write_text("".join(f"{token}\n" for (token,) in rows))
        return path
