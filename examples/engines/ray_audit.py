"""Audits a Parquet lake with Ray Data; one group is one conversation.

python ray_audit.py messages.parquet findings-directory [PACK …]
"""

from __future__ import annotations

import sys

import pyarrow as pa
import ray

from replylint.audit.batches import FINDING_SCHEMA, Recipe, lint_batches


def main(source: str, target: str, *packs: str) -> None:
    """Reads `source`, writes `target`."""
    recipe = Recipe(packs=packs or None, log=source)

    def judge(table: pa.Table) -> pa.Table:
        return pa.Table.from_batches(lint_batches(table.to_batches(), recipe), FINDING_SCHEMA)

    # Ray names its metrics after the column, in ASCII only.
    messages = ray.data.read_parquet(source).rename_columns({"会话ID": "conversation"})
    messages.groupby("conversation").map_groups(judge, batch_format="pyarrow").write_parquet(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
