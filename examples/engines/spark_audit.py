"""Audits a Parquet lake of messages on Spark; the findings are those of `replylint audit` on one machine.

    python spark_audit.py messages.parquet findings.parquet [PACK …]

On a cluster, ship the environment once (venv-pack, conda-pack), set spark.archives, and PYSPARK_PYTHON to the Python in
it; nothing else changes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import monotonically_increasing_id

from replylint.audit.batches import Recipe, lint_batches

DDL = (
    "rule string, severity string, confidence string, points int, start int, end int, text string, message string, "
    "suggestion string, trick string, rewrite string, conversation string, turn int, agent string, at string, "
    "platform string, shop string, log string, buyer string, reply string, mark_start int, mark_end int, "
    "fingerprint string"
)


def findings_of(messages: DataFrame, conversation: str, recipe: Recipe) -> DataFrame:
    """The findings of messages, one row each. `conversation` is the column that names it."""
    judge = partial(_judge, recipe)
    # A conversation has to lie in one partition, in one piece. Its rows are put in order by their number or time;
    # where the log has neither, the order they were read in must do.
    numbered = messages.withColumn("_read", monotonically_increasing_id())
    together = numbered.repartition(conversation).sortWithinPartitions(conversation, "_read").drop("_read")
    return together.mapInArrow(judge, DDL)


def _judge(recipe: Recipe, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return lint_batches(batches, recipe)


def main(source: str, target: str, *packs: str) -> None:
    """Reads `source`, writes `target`."""
    # Spark's workers take the python3 of the PATH, which need not be the one that has replylint.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.appName("replylint").getOrCreate()
    recipe = Recipe(packs=packs or None, log=source)
    findings_of(spark.read.parquet(source), "会话ID", recipe).write.mode("overwrite").parquet(target)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
