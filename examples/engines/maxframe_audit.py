"""The function to hand to MaxFrame (MaxCompute), which gives and takes pandas frames.

MaxFrame's own part needs an account, so only `judge` has been run here, on chunks as `apply_chunk` makes them:

    from maxframe.udf import with_python_requirements

    messages = md.read_odps_table("messages").sort_values(["会话ID", "消息序号"])
    found = messages.mf.apply_chunk(
        with_python_requirements("replylint[parquet]")(judge),
        batch_rows=100_000, output_type="dataframe", dtypes=DTYPES, skip_infer=True,
    )
    md.to_odps_table(found, "findings").execute()

A conversation must not be cut between two chunks: group by 会话ID, or choose batch_rows so that a chunk is a partition.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from replylint.audit.batches import FINDING_SCHEMA, Recipe, lint_batches

DTYPES = FINDING_SCHEMA.empty_table().to_pandas().dtypes


def judge(chunk: pd.DataFrame, recipe: Recipe | None = None) -> pd.DataFrame:
    """The findings of a chunk of messages."""
    batches = pa.Table.from_pandas(chunk, preserve_index=False).to_batches()
    table = pa.Table.from_batches(lint_batches(batches, recipe or Recipe()), FINDING_SCHEMA)
    found: pd.DataFrame = table.to_pandas()
    return found
