"""The same findings from every engine: the batch function itself, and the recipes under examples/engines."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.chatlog import write_log
from replylint.audit import PARQUET

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "examples" / "engines"
SHOP = str(Path(__file__).parent / "golden" / "shop.yaml")
FEW, MANY = 3_000, 1_000_000


def findings_of(*paths: Path) -> bytes:
    """The findings of Parquet files as lines, in an order that no engine decides."""
    rows = [row for path in paths for row in parquet.read_table(path).to_pylist()]
    for row in rows:
        row["log"] = ""
    rows.sort(key=lambda row: (row["conversation"], row["turn"], row["start"], row["rule"]))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def ran(*words: str | Path, home: Path, seconds: float) -> None:
    environ = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable, "XDG_CACHE_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }  # fmt: skip
    done = subprocess.run([*map(str, words)], env=environ, capture_output=True, timeout=seconds, cwd=home, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-4000:]


def audited(log: Path, out: Path, seconds: float = 600) -> bytes:
    words = ("audit", log, "--out", out, "--packs", SHOP, "--unmask", "--lang", "zh", "--exit-zero")
    ran(sys.executable, "-m", "replylint", *words, home=out.parent, seconds=seconds)
    return findings_of(out / PARQUET)


def test_batches_of_any_size_give_the_findings_of_an_audit(tmp_path: Path) -> None:
    from replylint.audit.batches import Recipe, lint_batches

    log = tmp_path / "log.parquet"
    write_log(log, FEW)
    expected = audited(log, tmp_path / "out")
    together = parquet.read_table(log).sort_by("会话ID")
    for size in (1, 7, FEW):
        batches = together.to_batches(max_chunksize=size)
        found = pa.Table.from_batches(lint_batches(batches, Recipe(packs=(SHOP,), lang="zh")))
        parquet.write_table(found, tmp_path / "found.parquet")
        assert findings_of(tmp_path / "found.parquet") == expected
    assert expected.count(b"\n") > FEW // 500


def test_batches_without_a_text_are_refused() -> None:
    from replylint.audit.batches import Recipe, lint_batches

    batch = pa.RecordBatch.from_pydict({"会话ID": ["a"], "账号类型": ["客服"]})
    with pytest.raises(ValueError, match="no column is known to hold the text"):
        list(lint_batches([batch], Recipe(packs=(SHOP,))))


ENGINES: dict[str, tuple[str, int, Any]] = {
    "DuckDB": ("duckdb", FEW * 20, lambda log: f"SELECT * FROM '{log}' ORDER BY 会话ID"),
    "Polars": ("polars", FEW * 20, str),
    "Spark": ("pyspark", MANY, str),
    "Ray": ("ray", FEW, str),
}


@pytest.mark.e2e
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_gives_the_findings_of_an_audit_byte_for_byte(engine: str, tmp_path: Path) -> None:
    package, messages, source = ENGINES[engine]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install {package}, or --group engines")
    log, found = tmp_path / "log.parquet", tmp_path / "found.parquet"
    write_log(log, messages)
    recipe = RECIPES / f"{package.removeprefix('py')}_audit.py"
    ran(sys.executable, recipe, source(log), found, SHOP, home=tmp_path, seconds=1800)
    files = sorted(found.glob("*.parquet")) if found.is_dir() else [found]
    expected = audited(log, tmp_path / "out", seconds=1800)
    assert findings_of(*files) == expected
    assert expected.count(b"\n") > messages // 500


def test_chunks_of_pandas_give_the_findings_too(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    from replylint.audit.batches import Recipe

    spec = importlib.util.spec_from_file_location("maxframe_audit", RECIPES / "maxframe_audit.py")
    assert spec is not None
    assert spec.loader is not None
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    log = tmp_path / "log.parquet"
    write_log(log, FEW)
    chunk = parquet.read_table(log).sort_by("会话ID").to_pandas()
    found = recipe.judge(chunk, Recipe(packs=(SHOP,), lang="zh"))
    assert list(found.dtypes.index) == list(recipe.DTYPES.index)
    parquet.write_table(pa.Table.from_pandas(found, preserve_index=False), tmp_path / "found.parquet")
    assert len(found) == audited(log, tmp_path / "out").count(b"\n")
