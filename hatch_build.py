"""Builds the compiled core into the package. Where there is no C compiler the package does without, only slower."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

MODULE = "replylint._core"


class CoreHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles `replylint/_core.c`: into the wheel, or beside its source for an editable install.

    REPLYLINT_PURE=1 leaves it out.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling: called before a wheel is built; `version` is "editable" or "standard"."""
        if self.target_name != "wheel" or os.environ.get("REPLYLINT_PURE"):
            return
        self._built_in = tempfile.mkdtemp(prefix="replylint-")
        built = _build(Path(self.root), Path(self._built_in))
        if built is None:
            self.app.display_warning("no C compiler: replylint is installed without its compiled core, and slower")
            return
        if version == "editable":
            # A process that runs the old one would die of a file that changes under it.
            beside = Path(self.root) / "replylint" / f"{built.name}.new"
            shutil.copy2(built, beside)
            beside.replace(beside.with_suffix(""))
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"][str(built)] = f"replylint/{built.name}"

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """See hatchling: called when the wheel is there."""
        if hasattr(self, "_built_in"):
            shutil.rmtree(self._built_in, ignore_errors=True)


def _build(root: Path, into: Path) -> Path | None:
    """The compiled core, or None where it cannot be compiled."""
    extension = Extension(MODULE, [str(root / "replylint" / "_core.c")], optional=True)
    command = build_ext(Distribution({"name": "replylint", "ext_modules": [extension]}))
    command.build_lib = str(into)
    command.build_temp = str(into / "temp")
    command.ensure_finalized()
    command.run()
    built = Path(command.get_ext_fullpath(MODULE))
    return built if built.is_file() else None
