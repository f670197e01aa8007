"""replylint from Python: judge a reply in its context, send the rewrite instead, ask why.

python examples/import_linter.py
"""

from __future__ import annotations

from pathlib import Path

import replylint

HERE = Path(__file__).parent


def one_reply() -> None:
    """The same two words after two questions: what the buyer said decides."""
    print("一、同一句话,看买家问的是什么")
    for question in ("能加个微信吗", "能用微信支付吗"):
        report = replylint.check("可以的", history=[("buyer", question)], meta={"platform": "tmall"})
        print(f"  {question} → 可以的  {report.action}")
        for finding in report.findings:
            print(f"    [{finding.start}:{finding.end}] {finding.text}  {finding.rule}  {finding.message}")
        if report.rewrite is not None:
            print(f"    改写  {report.rewrite}")


def what_to_send(linter: replylint.Linter, reply: str, history: list[tuple[str, str]]) -> str | None:
    """What a hook may send: the reply, else its rewrite, else nothing (a human has to look at it)."""
    report = linter.check(reply, history)
    return report.rewrite if report.action == "block" else reply


def in_a_hook(linter: replylint.Linter) -> None:
    print("二、发送之前")
    history = [("buyer", "能开发票吗"), ("agent", "稍等,我看下")]
    for reply in ("亲,我们不开发票的哦", "可以开的亲,电子发票"):
        print(f"  {reply} → {what_to_send(linter, reply, history) or '(不发,转人工)'}")


def the_shops_own(linter: replylint.Linter) -> None:
    print("三、加上自己的规则、店铺资料、主管的尺度")
    own = replylint.Linter(
        packs=["invoice", "payment", "contact", "privacy", "fit", HERE / "own-pack.yaml"],
        policy=HERE / "policy.yaml",
        shop=HERE / "shop-profile.yaml",
    )
    for reply in ("亲,这款是十年的老白茶", "亲,急事您打13900001234就行", "亲,加我微信聊"):
        print(f"  {reply}  自带 {linter.check(reply).action}  本店 {own.check(reply).action}")


def why(linter: replylint.Linter) -> None:
    print("四、为什么报、为什么不报")
    for reply in ("亲,我们不开发票的哦", "亲,没有不开发票的情况哦"):
        print(f"  {reply}")
        for verdict in linter.explain(reply):
            print(f"    {verdict.rule}「{verdict.text}」 {verdict.reason or '报出'}")


def main() -> None:
    linter = replylint.Linter()  # Building one reads all packs: build it once, share it between threads.
    one_reply()
    in_a_hook(linter)
    the_shops_own(linter)
    why(linter)


if __name__ == "__main__":
    main()
