"""Audits a lazy frame of Polars.

python polars_audit.py messages.parquet findings.parquet [PACK …]
"""

from __future__ import annotations

import sys

import polars as pl

from replylint.audit.batches import Recipe, lint_batches


def main(source: str, target: str, *packs: str) -> None:
    """Reads `source`, writes `target`."""
    frame = pl.scan_parquet(source).sort("会话ID", maintain_order=True).collect(engine="streaming")
    # Arrow's plain strings: string views are unknown to older readers.
    batches = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches(20_000)
    found = [pl.from_arrow(batch) for batch in lint_batches(batches, Recipe(packs=packs or None, log=source))]
    if found:
        pl.concat(found).write_parquet(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
