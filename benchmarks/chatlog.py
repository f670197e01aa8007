"""A generated chat log of any size, its messages in no order: a row for each, as warehouses keep them.

python -m benchmarks.chatlog MESSAGES FILE.(csv|parquet)
"""

from __future__ import annotations

import csv
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path

HEADER = ("会话ID", "消息序号", "账号类型", "发送内容", "发送时间", "发送账号")
TURNS = 10
"""Messages of a conversation, by turns the buyer's and the agent's."""

_ROWS = 50_000
_GREETING = ("在吗", "在的亲")
"""How nearly every chat opens; without it each would be reported for want of a greeting."""

_TALK = (
    ("这款有货吗", "有货的哦"),
    ("什么时候发货", "亲,今天下单预计48小时内发出"),
    ("能开发票吗", "可以开的亲,订单详情页申请就行"),
    ("谢谢", "不客气"),
    ("尺码偏大吗", "您对照下详情页的尺码表再定哦"),
    ("能便宜点吗", "活动价以页面显示为准"),
    ("到哪了", "昨晚已经出库,现在在转运途中"),
    ("有赠品吗", "赠品以详情页为准哦"),
    ("我再看看", "亲还有什么可以帮您"),
    ("色差大吗", "图是实拍的,不同屏幕会有一点差别哦"),
)
"""What buyers say, and what is said to it."""

_OFFENCES = ("亲,不开发票哦", "亲加我微信吧", "您直接转我支付宝", "放心拍肯定合身", "赶紧拍吧,自己看")
_OFFENCE_SHARE = 0.03
_AGENTS, _MINUTES = 40, 60


def rows(messages: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """The rows of a log, mixed by stepping through them with a stride that meets each once."""
    dice = random.Random(seed)
    chats = max(1, messages // TURNS)
    stride = 102_947
    while math.gcd(stride, messages) != 1:
        stride += 1
    for step in range(messages):
        place = step * stride % messages
        chat, turn = place % chats, place // chats
        asked, answer = _TALK[(chat + turn // 2 * 3) % len(_TALK)] if turn > 1 else _GREETING
        if turn % 2 == 0:
            role, sender, text = "客户", f"买家{chat}", asked
        else:
            role, sender = "客服", f"旗舰店:客服{chat % _AGENTS}"
            text = dice.choice(_OFFENCES if dice.random() < _OFFENCE_SHARE else (answer,))
        at = f"2026-11-{1 + chat % 30:02} {8 + chat % 14:02}:{turn % _MINUTES:02}:{chat * 7 % 60:02}"
        yield f"c{chat:07}", str(turn), role, text, at, sender


def write_log(path: Path, messages: int, seed: int = 1) -> None:
    """Writes a log as CSV or, by the suffix, as Parquet."""
    source = rows(messages, seed)
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(source)
        return
    from itertools import islice

    import pyarrow as pa
    import pyarrow.parquet

    schema = pa.schema([(name, pa.string()) for name in HEADER])
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as table:
        while chunk := list(islice(source, _ROWS)):
            columns = [pa.array(column, pa.string()) for column in zip(*chunk, strict=True)]
            table.write_batch(pa.record_batch(columns, schema=schema))


if __name__ == "__main__":
    write_log(Path(sys.argv[2]), int(sys.argv[1]))
