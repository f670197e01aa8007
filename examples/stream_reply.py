"""A generated reply shown while it is being written: only what is safe gets out, the rest waits.

python examples/stream_reply.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import replylint

REPLIES = (
    "亲,您好呀。这款是纯棉的,可以机洗。颜色有三种,都有现货。今天下单明天就发,发票随货寄出。",
    "亲,您好呀。这款是纯棉的,可以机洗。颜色有三种,都有现货。发票的话,我们不开发票的哦。",
)


def model(reply: str) -> Iterator[str]:
    """Stands for a language model: a few letters at a time."""
    for at in range(0, len(reply), 3):
        yield reply[at : at + 3]


def shown(linter: replylint.Linter, chunks: Iterable[str], history: list[tuple[str, str]]) -> Iterator[str]:
    """What the buyer may see, as soon as it is safe. What is held at the end is replaced by the rest of its rewrite."""
    stream = linter.stream(history)
    for chunk in chunks:
        yield stream.feed(chunk)
    yield stream.flush()
    if stream.held:
        yield f"⟨换成⟩{stream.remedy}" if stream.remedy is not None else "⟨转人工⟩"


def main() -> None:
    linter = replylint.Linter()
    for reply in REPLIES:
        print("|".join(part for part in shown(linter, model(reply), [("buyer", "这款怎么样,能开发票吗")]) if part))


if __name__ == "__main__":
    main()
