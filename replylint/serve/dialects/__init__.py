"""The chat servers whose callbacks the service understands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from replylint.serve.dialects import easemob, litellm, openim, rongcloud, stream, synapse, tencent_im, yunxin
from replylint.serve.dialects.shape import Dialect

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        module.DIALECT.name: module.DIALECT
        for module in (tencent_im, easemob, rongcloud, yunxin, openim, stream, litellm, synapse)
    }
)
