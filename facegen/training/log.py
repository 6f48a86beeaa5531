"""The log of a training as a table."""

import csv
import io


def table(rows: list[dict]) -> str:
    """The rows as CSV; a column that only newer versions write is empty in older rows."""
    text = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
