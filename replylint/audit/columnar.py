"""Findings as Arrow: one schema for findings.parquet, for batches on a cluster, and for whoever joins the two."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet

_ROWS = 20_000

FINDING_SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("confidence", pa.string()),
        ("points", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()),
        ("message", pa.string()),
        ("suggestion", pa.string()),
        ("trick", pa.string()),
        ("rewrite", pa.string()),
        ("conversation", pa.string()),
        ("turn", pa.int32()),
        ("agent", pa.string()),
        ("at", pa.string()),
        ("platform", pa.string()),
        ("shop", pa.string()),
        ("log", pa.string()),
        ("buyer", pa.string()),
        ("reply", pa.string()),
        ("mark_start", pa.int32()),
        ("mark_end", pa.int32()),
        ("fingerprint", pa.string()),
    ]
)


def finding_batch(findings: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """Findings as findings.jsonl holds them, as a batch."""
    rows = [{**found, "mark_start": found["mark"][0], "mark_end": found["mark"][1]} for found in findings]
    return pa.RecordBatch.from_pylist([_whole(row) for row in rows], schema=FINDING_SCHEMA)


def write_parquet(lines: Iterable[bytes], file: BinaryIO) -> None:
    """Writes the lines of findings.jsonl as Parquet."""
    source = iter(lines)
    with pyarrow.parquet.ParquetWriter(file, FINDING_SCHEMA, compression="zstd") as writer:
        while chunk := list(islice(source, _ROWS)):
            writer.write_batch(finding_batch(json.loads(line) for line in chunk))


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    """Half a surrogate pair has no UTF-8 and so no place in Arrow."""
    return {
        key: value.encode("utf-8", "replace").decode("utf-8")
        if isinstance(value, str) and not value.isascii()
        else value
        for key, value in row.items()
    }
