"""Audits what a SQL query selects; the query brings each conversation's messages together.

python duckdb_audit.py "SELECT * FROM 'lake/*.parquet' ORDER BY 会话ID, 消息序号" findings.parquet [PACK …]
"""

from __future__ import annotations

import sys

import duckdb
import pyarrow.parquet

from replylint.audit.batches import FINDING_SCHEMA, Recipe, lint_batches


def main(query: str, target: str, *packs: str) -> None:
    """Runs the query, writes `target`."""
    rows = duckdb.connect().execute(query).to_arrow_reader(20_000)
    with pyarrow.parquet.ParquetWriter(target, FINDING_SCHEMA) as writer:
        for found in lint_batches(rows, Recipe(packs=packs or None, log=query)):
            writer.write_batch(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
