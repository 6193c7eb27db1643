"""Datasette's tables and queries as CSV that no spreadsheet runs: the rows are Datasette's own, its JSON is asked."""

from typing import Any

from datasette.utils.asgi import Response

from listener.errors import ListenerError
from listener.explore.sheet import Sheet
from listener.explore.site import Site

OURS = ("_shape", "_stream", "_dl", "_header", "_size")  # of the query string: what we set ourselves


async def as_csv(site: Site, request: Any, datasette: Any) -> Response:
    """At most Datasette's max_returned_rows of a view, a canned query or a query in the address."""
    table = request.url_vars.get("table", "")
    path = f"/{site.database}" + (f"/{table}" if table else "") + ".json"
    kept = [(name, value) for name in request.args for value in request.args.getlist(name) if name not in OURS]
    params = [*kept, ("_shape", "objects"), ("_size", "max")]
    answer = await datasette.client.get(path, params=params, cookies=request.cookies)
    found = answer.json()
    if answer.status_code != 200 or "rows" not in found:
        raise ListenerError(str(found.get("error") or "that is no table and no query"))
    columns = tuple(found["columns"])
    rows = [[row[column] for column in columns] for row in found["rows"]]
    return Sheet(table or "query", columns, rows).answer("csv")
