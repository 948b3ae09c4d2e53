"""Files for people who act on customers: scores by the sources' own ids, for re-import into each CRM.

They lie in ``private/exports/<source>/customer_scores.csv`` and say what core.fct_customer_export says; which columns
there are, and what consent does, is decided there.
"""

import shutil
from pathlib import Path

import duckdb

from orchestration.errors import LiucunError
from orchestration.files import sync
from orchestration.sql import identifier, literal

TABLE = "core.fct_customer_export"
FILE = "customer_scores.csv"
BOM = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for the encoding of the country."""


def write_exports(con: duckdb.DuckDBPyConnection, exports: Path) -> dict[str, int]:
    """Replaces the file of each source below ``exports``; source → lines without the header.

    All are written beside the old ones before the first is replaced: whoever reads finds a whole file, old or new.
    A source that has no customers any more loses its file. Raises LiucunError where the files cannot be written.
    """
    counts: dict[str, int] = dict(
        con.execute(f"select source, count(*) from {TABLE} group by source order by source").fetchall()
    )
    try:
        beside = {source: _write_beside(con, exports / source, source) for source in counts}
        for path in beside.values():
            path.replace(path.with_name(FILE))
            sync(path.parent)
        for path in exports.glob(f"*/{FILE}"):
            if path.parent.name not in counts:
                path.unlink()
    except (OSError, duckdb.IOException) as problem:
        raise LiucunError(
            f"{exports}: the files for the CRMs could not be written ({problem}); those of an earlier run may lie "
            "there. The run itself is published; mend it and run again."
        ) from None
    return counts


def _write_beside(con: duckdb.DuckDBPyConnection, folder: Path, source: str) -> Path:
    """The source's lines in a hidden file, which a killed run's successor writes anew."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, whole = folder / f".{FILE}.lines", folder / f".{FILE}.tmp"
    columns = ", ".join(identifier(name) for name in _columns(con))
    query = f"select {columns} from {TABLE} where source = {literal(source)} order by source_customer_id"
    con.execute(f"copy ({query}) to {literal(str(lines))} (format csv, header true)")
    with lines.open("rb") as body, whole.open("wb") as file:
        file.write(BOM)
        shutil.copyfileobj(body, file)
    lines.unlink()
    sync(whole)
    return whole


def _columns(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of the file, in the order of the model's contract."""
    names = [row[0] for row in con.execute(f"describe {TABLE}").fetchall()]
    return [name for name in names if name != "source"]
