"""Rolling up: the sums of what changed since the last time, so that the views need not count a million mentions anew.

m003.sql says which tables there are and which triggers keep them true; the formulas are the live_ views of views.sql.
What the views tell does not depend on when this runs: they count afresh what is stale. It is the upkeep of the night.
"""

from listener.store.connection import Connection

# What is rolled up (rolled_X takes what live_X counts), by which marks (stale_X), and by which column in portions.
KINDS = (
    ("topics", "days", "brand"),
    ("days", "days", "brand"),
    ("relationships", "relationships", "brand"),
    ("threads", "threads", "brand"),
    ("coverage", "coverage", "source"),
)


class Rolled(Connection):
    """The part of the store's upkeep that makes looking fast."""

    def roll_up(self) -> None:
        """Sum up what is stale, a brand or a source a transaction, so that nobody waits long for the write lock."""
        for column in ("brand", "source"):
            kinds = [(kind, mark) for kind, mark, by in KINDS if by == column]
            marks = list(dict.fromkeys(mark for _, mark in kinds))
            which = " UNION ".join(f"SELECT {column} FROM stale_{mark}" for mark in marks)
            for (one,) in self.read(which):
                with self.transaction():
                    for kind, mark in kinds:
                        self.write(f"INSERT INTO rolled_{kind} {self._counted(kind, mark, column)}", {"one": one})
                    for mark in marks:
                        self.write(f"DELETE FROM stale_{mark} WHERE {column} = ?", (one,))

    def _counted(self, kind: str, mark: str, column: str) -> str:
        """What the view live_X does, for one brand or source only. (Asked WHERE brand = … from outside, SQLite would
        count everything that is stale first: it hands no such term down through two levels of sums.)
        """
        (view,) = self.read("SELECT sql FROM sqlite_master WHERE name = ?", (f"live_{kind}",))[0]
        counted = view.partition(" AS\n")[2]
        return str(
            counted.replace(f"FROM stale_{mark} s", f"FROM (SELECT * FROM stale_{mark} WHERE {column} = :one) s")
        )
