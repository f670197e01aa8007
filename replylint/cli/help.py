"""The help texts: what each command is for, with examples to copy."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Help(NamedTuple):
    """A command's one-liner for the list, its paragraph and its examples."""

    line: str
    about: str
    examples: str


PROGRAM: Mapping[str, Help] = MappingProxyType(
    {
        "zh": Help(
            "",
            "检查电商客服回复是否合规:发送前检查一句话、一份话术库,或者审整批聊天记录。按上下文判断,不只看关"
            "键词;指出哪几个字有问题、为什么、该怎么说。",
            "例子:\n"
            '  echo "亲,我们不开发票的哦" | replylint check\n'
            "  replylint check 话术.csv                    检查千牛、京东的快捷短语\n"
            "  replylint audit 聊天记录.csv --out 结果     审聊天记录\n"
            "  replylint demo --out demo-out               看一遍演示\n"
            "\n"
            "退出码:0 没有问题,1 有问题,2 用法、规则或输入有误。",
        ),
        "en": Help(
            "",
            "Checks the replies of Chinese e-commerce customer service: one reply before it is sent, a "
            "library of quick phrases, or whole chat logs. It judges by context, not by keyword, marks the "
            "words at fault, says why, and what to send instead.",
            "examples:\n"
            '  echo "亲,我们不开发票的哦" | replylint check\n'
            "  replylint check phrases.csv                 a quick-phrase library of 千牛 or 京东\n"
            "  replylint audit chats.csv --out results     chat logs\n"
            "  replylint demo --out demo-out               see it at work\n"
            "\n"
            "exit status: 0 nothing found, 1 findings, 2 wrong usage, rules or input.",
        ),
    }
)

COMMANDS: Mapping[str, Mapping[str, Help]] = MappingProxyType(
    {
        "check": {
            "zh": Help(
                "检查回复或话术库",
                "检查回复。输入可以是文本(一行一条)、千牛或京东导出的快捷短语 CSV、或 JSON Lines 请求(一行一条,可"
                "带买家之前说的话);没有 FILE 或 FILE 是 - 时读标准输入。同样一句“可以的”,答什么问题意思就不同,所"
                "以最好用 --buyer 或 jsonl 的 history 给出买家的话。",
                "例子:\n"
                '  echo "可以的亲" | replylint check --buyer "能加微信吗"\n'
                "  replylint check 话术.csv --format csv --output 问题.csv\n"
                "  replylint check --input jsonl --format jsonl    一行请求一行结果,供程序调用",
            ),
            "en": Help(
                "check replies or a quick-phrase library",
                "Checks replies: text (one a line), a quick-phrase CSV as 千牛 or 京东 export it, or wire "
                "requests as JSON Lines, which may bring what the buyer said before. Standard input is read when "
                "there is no FILE, or it is `-`. 可以的 means one thing after one question and another after the "
                "next, so give the buyer's words with --buyer, or as `history` in jsonl.",
                "examples:\n"
                '  echo "可以的亲" | replylint check --buyer "能加微信吗"\n'
                "  replylint check phrases.csv --format sarif --output replylint.sarif\n"
                "  replylint check --input jsonl --format jsonl    one response line a request line, for programs",
            ),
        },
        "fix": {
            "zh": Help(
                "把有问题的回复改成合规说法",
                "输入同 check,输出改写后的内容:没有问题的、或没有合规改法的回复原样保留。--diff 只看改了什么"
                ";--write 直接改文件,编码、换行和其他列都不变。有问题的回复没能全部改好时退出码为 1。",
                "例子:\n"
                "  replylint fix 话术.txt > 新话术.txt\n"
                "  replylint fix 话术.csv --diff\n"
                "  replylint fix 话术.csv --write",
            ),
            "en": Help(
                "rewrite replies into compliant ones",
                "Reads what check reads and prints it rewritten; a reply that is fine, or has no compliant "
                "wording, stays as it is. --diff shows the changes; --write makes them in the files and keeps "
                "encoding, line ends and all other columns. The status is 1 while findings are left: those of "
                "the input, with --write those nobody could rewrite.",
                "examples:\n"
                "  replylint fix phrases.txt > better.txt\n"
                "  replylint fix phrases.csv --diff\n"
                "  replylint fix phrases.csv --write",
            ),
        },
        "audit": {
            "zh": Help(
                "审聊天记录",
                "审整批聊天记录里客服和机器人的每一句话,在屏幕上列出什么问题、多少次、谁说的、原话和建议说法。"
                "--out 目录里有网页报告 report.html、工作簿 audit.xlsx、明细 findings.jsonl 和 findings.parquet、汇总 "
                "summary.json、没读懂的地方 problems.jsonl。个人信息默认隐去。读得懂 JSON Lines、CSV、Excel、Parquet、"
                "千牛文本和常见的客服系统导出;认不出的列名用 --map 指定。中断后用同样的命令再运行,会接着做。",
                "例子:\n"
                "  replylint audit 聊天记录.csv --out 结果\n"
                "  replylint audit 11月/*.jsonl --out 结果 --jobs 4 --card 评分卡.yaml\n"
                "  replylint audit 导出.csv --out 结果 --map text=说的话,role=谁说的,conversation=会话\n"
                "  replylint audit 聊天记录.csv --out 结果 --appeals 结果/audit.xlsx    复核之后",
            ),
            "en": Help(
                "audit chat logs",
                "Checks every turn of agents and bots in chat logs and prints what was found, how often, who said "
                "it, the words and what to say instead. The --out directory gets a page (report.html), a workbook "
                "(audit.xlsx), the findings (findings.jsonl, findings.parquet), the sums (summary.json) and what could "
                "not be read (problems.jsonl). Personal data is masked. Reads JSON Lines, CSV, Excel, Parquet, text "
                "copied from 千牛 and what help desks export; --map names columns it does not know. An audit that was "
                "stopped goes on when the same command is run again.",
                "examples:\n"
                "  replylint audit chats.csv --out results\n"
                "  replylint audit november/*.jsonl --out results --jobs 4 --card card.yaml\n"
                "  replylint audit export.csv --out results --map text=said,role=who,conversation=chat\n"
                "  replylint audit chats.csv --out results --appeals results/audit.xlsx    after a review",
            ),
        },
        "mcp": {
            "zh": Help(
                "给 AI 助手用的 MCP 服务",
                "通过标准输入输出提供三个工具:check_reply 检查一条回复,rewrite_reply 给出合规说法,explain_rule 说明一条"
                "规则。由支持 MCP 的助手启动,配置见 docs/mcp.md。需要 pip install 'replylint[mcp]'。",
                "例子:\n  replylint mcp\n  replylint mcp --packs invoice,payment --shop 店铺.yaml",
            ),
            "en": Help(
                "the MCP server for assistants",
                "Offers three tools on standard input and output: check_reply, rewrite_reply and explain_rule. It is "
                "started by an assistant that speaks MCP; docs/mcp.md says how. Needs pip install 'replylint[mcp]'.",
                "examples:\n  replylint mcp\n  replylint mcp --packs invoice,payment --shop shop.yaml",
            ),
        },
        "explain": {
            "zh": Help(
                "解释一条规则,或一句话为什么(没)被指出",
                "给出规则编号,就说明它要求什么、为什么、依据哪一条、哪些说法会被指出、哪些不会、该怎么改。给出 "
                "--reply,就列出这句话里每一处可疑的地方,以及为什么指出或放过。",
                "例子:\n"
                "  replylint explain invoice/refusal\n"
                '  replylint explain --reply "没有不开发票的情况哦"\n'
                '  replylint explain --reply "是的" --buyer "你家不开发票是吧"',
            ),
            "en": Help(
                "explain a rule, or why a reply is or is not flagged",
                "With a rule: what it wants, why, by which source, what is flagged, what is left alone, and how "
                "to say it. With --reply: every suspicious place of the reply, and why it was flagged or let go.",
                "examples:\n"
                "  replylint explain invoice/refusal\n"
                '  replylint explain --reply "没有不开发票的情况哦"\n'
                '  replylint explain --reply "是的" --buyer "你家不开发票是吧"',
            ),
        },
        "rules": {
            "zh": Help(
                "列出、查看、测试、新建、导出规则",
                "给写规则的人:规则是 YAML 文件,一个文件一个规则包,写法见 docs/rule-language.md。",
                "例子:\n"
                "  replylint rules list\n"
                "  replylint rules test 我的规则.yaml\n"
                "\n"
                "每个任务另有说明:replylint rules test --help",
            ),
            "en": Help(
                "list, show, test, start and export rules",
                "For rule authors. A rule is YAML, a pack is a file; docs/rule-language.md says how to write one.",
                "examples:\n"
                "  replylint rules list\n"
                "  replylint rules test mypack.yaml\n"
                "\n"
                "each task has help of its own: replylint rules test --help",
            ),
        },
        "rules list": {
            "zh": Help(
                "列出所有规则",
                "按规则包列出规则:编号、级别、扣分、标题。",
                "例子:\n"
                "  replylint rules list\n"
                "  replylint rules list --packs invoice,payment\n"
                "  replylint rules list --json",
            ),
            "en": Help(
                "list the rules",
                "Lists the rules pack by pack: id, severity, points, title.",
                "examples:\n"
                "  replylint rules list\n"
                "  replylint rules list --packs invoice,payment\n"
                "  replylint rules list --json",
            ),
        },
        "rules show": {
            "zh": Help(
                "看一条规则的 YAML",
                "打印规则在规则包里的原文和位置。想看它的意思,用 replylint explain。",
                "例子:\n"
                "  replylint rules show invoice/refusal\n"
                "  replylint rules show mypack/my-rule --packs mypack.yaml",
            ),
            "en": Help(
                "show the YAML of a rule",
                "Prints a rule as it stands in its pack, and where. For what it means, use replylint explain.",
                "examples:\n"
                "  replylint rules show invoice/refusal\n"
                "  replylint rules show mypack/my-rule --packs mypack.yaml",
            ),
        },
        "rules test": {
            "zh": Help(
                "用例句检验规则",
                "检验规则:反例是否恰好标出、正例是否因写明的理由放过、每个写法是否都有例句用到、改写是否合规。"
                "WHAT 是规则文件、目录、规则包名或规则编号,不写就测全部。文件里的规则用到其他包的概念时,用 "
                "--packs把那些包一起加载。退出码:0 全部通过,1 有不成立的,2 规则文件有误。",
                "例子:\n"
                "  replylint rules test\n"
                "  replylint rules test invoice/refusal\n"
                "  replylint rules test mypack.yaml --packs invoice",
            ),
            "en": Help(
                "prove rules by their examples",
                "Proves that bad examples are marked exactly, good ones let go for the stated reason, every "
                "match needed by an example, and rewrites clean. WHAT is a pack file, a directory, a pack's name "
                "or a rule; all rules when nothing is named. Use --packs for packs whose concepts a file needs. "
                "Status: 0 all hold, 1 some do not, 2 a pack is broken.",
                "examples:\n"
                "  replylint rules test\n"
                "  replylint rules test invoice/refusal\n"
                "  replylint rules test mypack.yaml --packs invoice",
            ),
        },
        "rules export": {
            "zh": Help(
                "导出成企业微信敏感词规则或关键词表",
                "给只认关键词的后台用。wecom 打印企业微信“新建敏感词规则”接口的请求体,一条一次调用,错误级拦截,警告级"
                "只提醒,要用 --user 或 --department 说明对谁生效;keywords 打印 CSV 关键词表。关键词不看上下文,所以只"
                "导出单独出现也有问题、且没有出现在正例里的说法;每条规则导出了几种、其余为什么不行,列在标准错误上。上"
                "传前请人工看一遍。",
                "例子:\n"
                "  replylint rules export keywords --output 关键词.csv\n"
                "  replylint rules export wecom --department 2 --select contact --output wecom.json",
            ),
            "en": Help(
                "export WeCom intercept rules or a keyword list",
                "For back offices that take keywords and nothing else. wecom prints the bodies of WeCom's calls "
                "add_intercept_rule, one a call; errors are blocked, warnings only warned of; --user or --department "
                "says for whom. keywords prints a CSV. Keywords know no context, so only wordings are exported that "
                "are at fault by themselves and occur in no good example; how many of each rule, and why not the "
                "others, is told on standard error. Let a person read the list before it is uploaded.",
                "examples:\n"
                "  replylint rules export keywords --output keywords.csv\n"
                "  replylint rules export wecom --department 2 --select contact --output wecom.json",
            ),
        },
        "rules schema": {
            "zh": Help(
                "打印 JSON Schema,供编辑器校验",
                "打印规则包(pack)、词表(lexicon)、店铺资料(profile)、策略(policy)或配置(config)的 JSON Schema。编"
                "辑器据此提示和校验:在 YAML 第一行写 # yaml-language-server: $schema=replylint-pack.json",
                "例子:\n  replylint rules schema > replylint-pack.json\n  replylint rules schema policy",
            ),
            "en": Help(
                "print a JSON Schema for editors",
                "Prints the JSON Schema of packs, the lexicon, shop profiles, policies or the configuration "
                "file. An editor completes and checks by it: begin the YAML with # yaml-language-server: "
                "$schema=replylint-pack.json",
                "examples:\n  replylint rules schema > replylint-pack.json\n  replylint rules schema policy",
            ),
        },
        "rules new": {
            "zh": Help(
                "新建一个带注释的规则包",
                "打印一个带注释、能直接通过测试的规则包,从它改起。NAME 是规则包的名字(小写英文字母)。",
                "例子:\n  replylint rules new mypack --output mypack.yaml\n  replylint rules test mypack.yaml",
            ),
            "en": Help(
                "start a pack",
                "Prints a commented pack that passes its tests, to start from. NAME is the pack's name, in small "
                "letters.",
                "examples:\n  replylint rules new mypack --output mypack.yaml\n  replylint rules test mypack.yaml",
            ),
        },
        "serve": {
            "zh": Help(
                "发送前检查服务和试用页",
                "在本机开一个 HTTP 服务,回复发出之前先问它;浏览器打开它的地址就是试用页。聊天工具怎么接,见 "
                "docs/serve.md。规则文件改了会自动重新加载,改坏了就继续用旧的。默认只有本机能连;要让别的机器连,"
                "必须设口令。",
                "例子:\n"
                "  replylint serve\n"
                "  replylint serve --packs invoice,payment --port 9000\n"
                "  REPLYLINT_SECRET=… replylint serve --host 0.0.0.0 --hosts hosts.yaml",
            ),
            "en": Help(
                "the pre-send service and its try-it page",
                "Opens an HTTP service that is asked before a reply is sent; a browser finds the try-it page at its "
                "address. docs/serve.md tells how to connect chat tools. Changed rule files are read again by "
                "themselves; broken ones leave the old ones in place. Only this machine can connect unless there is "
                "a secret.",
                "examples:\n"
                "  replylint serve\n"
                "  replylint serve --packs invoice,payment --port 9000\n"
                "  REPLYLINT_SECRET=… replylint serve --host 0.0.0.0 --hosts hosts.yaml",
            ),
        },
        "demo": {
            "zh": Help(
                "用自带的示例演示一遍",
                "检查几条回复,再审三家虚构店铺的聊天记录,把结果写进 --out 目录。发现问题也以 0 退出。",
                "例子:\n  replylint demo --out demo-out\n  replylint demo --out demo-out --lang en",
            ),
            "en": Help(
                "show it at work on bundled samples",
                "Checks a few replies, audits the chat logs of three made-up shops and writes the results into "
                "the --out directory. Exits 0 although there are findings.",
                "examples:\n  replylint demo --out demo-out\n  replylint demo --out demo-out --lang zh",
            ),
        },
    }
)

GROUPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "commands": {"zh": "命令", "en": "commands"},
        "tasks": {"zh": "任务", "en": "tasks"},
        "positional": {"zh": "参数", "en": "arguments"},
        "options": {"zh": "选项", "en": "options"},
        "common": {"zh": "通用选项", "en": "common options"},
    }
)

OPTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "FILE": {"zh": "回复文件,- 为标准输入", "en": "files of replies; - is standard input"},
        "LOG": {"zh": "聊天记录文件", "en": "chat logs"},
        "RULE": {"zh": "规则编号,如 invoice/refusal", "en": "a rule, as in invoice/refusal"},
        "WHAT": {"zh": "规则文件、目录、包名或编号", "en": "pack files, directories, packs or rules"},
        "SCHEMA": {
            "zh": "pack lexicon profile policy card config",
            "en": "pack, lexicon, profile, policy, card or config",
        },
        "WORDLIST": {"zh": "wecom 或 keywords", "en": "wecom or keywords"},
        "NAME": {"zh": "规则包名,默认 mypack", "en": "the pack's name (default: mypack)"},
        "--input": {"zh": "auto text markdown jsonl csv", "en": "auto (default), text, markdown, jsonl or csv"},
        "--format": {
            "zh": "text json jsonl sarif github junit csv",
            "en": "text, json, jsonl, sarif, github, junit or csv",
        },
        "--buyer": {"zh": "买家之前说的话,可重复", "en": "what the buyer said before; repeatable"},
        "--platform": {
            "zh": "平台:taobao tmall jd pdd douyin …",
            "en": "taobao tmall jd pdd douyin kuaishou xhs wxshop other",
        },
        "--diff": {"zh": "只显示改动", "en": "show the changes instead"},
        "--write": {"zh": "直接改文件", "en": "change the files"},
        "--out": {"zh": "结果目录", "en": "directory for the results"},
        "--jobs": {"zh": "进程数,默认自动", "en": "processes to use (default: as many as pay off)"},
        "--input-format": {
            "zh": "默认 auto;jsonl csv xlsx parquet qianniu wecom jddc …",
            "en": "auto (default), jsonl, csv, xlsx, parquet, qianniu, wecom, jddc, zendesk, …",
        },
        "--map": {
            "zh": "表格列名:text role conversation at …",
            "en": "a table's headers for text, role, conversation, at, sender, …",
        },
        "--card": {
            "zh": "评分卡:扣分、上限、红线、班组、预测",
            "en": "score card: points, caps, red lines, teams, forecast",
        },
        "--appeals": {"zh": "填好复核结论的明细表,可重复", "en": "a reviewed workbook or CSV of findings; repeatable"},
        "--baseline": {
            "zh": "以前的 findings.jsonl:只报新问题",
            "en": "an earlier findings.jsonl: only what is new counts",
        },
        "--max-points": {"zh": "总扣分超过 N 才以 1 退出", "en": "exit 1 only if more than N points are lost in all"},
        "--unmask": {"zh": "不隐去个人信息(默认隐去)", "en": "show personal data, which is masked otherwise"},
        "--pseudonym-key": {"zh": "买家化名用的密钥文件", "en": "file with the key for buyers' pseudonyms"},
        "--reply": {"zh": "要解释的回复", "en": "the reply to explain"},
        "--user": {"zh": "对哪个企业微信成员生效,可重复", "en": "a WeCom member the rules are for; repeatable"},
        "--department": {"zh": "对哪个企业微信部门生效,可重复", "en": "a WeCom department they are for; repeatable"},
        "--json": {"zh": "输出 JSON", "en": "print JSON"},
        "--packs": {"zh": "规则包名或文件,默认全部", "en": "packs by name or path (default: all bundled ones)"},
        "--policy": {"zh": "策略文件:级别、动作、不查的规则", "en": "policy file: severities, actions, rules left out"},
        "--shop": {
            "zh": "店铺资料:热线、地址、改写用语",
            "en": "shop profile: hotlines, addresses, words for rewrites",
        },
        "--select": {"zh": "只查这些规则或规则包", "en": "only these rules or packs"},
        "--ignore": {"zh": "不查这些规则或规则包", "en": "not these rules or packs"},
        "--lang": {"zh": "zh 或 en,默认看环境变量 LANG", "en": "zh or en (default: zh if LANG begins with zh)"},
        "--config": {
            "zh": "配置文件,默认 .replylint.yaml",
            "en": "configuration file (default: .replylint.yaml, here or above)",
        },
        "--fail-level": {
            "zh": "error warning info,默认 warning",
            "en": "error, warning or info makes the status 1 (default: warning)",
        },
        "--exit-zero": {"zh": "有问题也以 0 退出", "en": "exit 0 although there are findings"},
        "--output": {"zh": "结果写进文件", "en": "write the results to a file"},
        "--host": {"zh": "监听地址,默认 127.0.0.1", "en": "address to listen on (default: 127.0.0.1)"},
        "--port": {"zh": "端口,默认 8787;0 为任意空闲端口", "en": "port (default: 8787; 0 takes a free one)"},
        "--hosts": {"zh": "接入的聊天服务器,见 docs/chat-servers.md", "en": "chat servers, see docs/chat-servers.md"},
        "--secret-file": {
            "zh": "口令文件,默认看 REPLYLINT_SECRET",
            "en": "file with the secret (default: REPLYLINT_SECRET)",
        },
        "--timeout-ms": {"zh": "一条回复最多检查多久,默认 1000", "en": "time limit of a check (default: 1000)"},
        "--no-watch": {"zh": "规则文件改了也不重新加载", "en": "do not read changed rule files again"},
        "--version": {"zh": "版本", "en": "show the version"},
        "--help": {"zh": "显示这份说明", "en": "show this help"},
    }
)
