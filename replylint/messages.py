"""What the program says, in Chinese and in English. Rules bring their own texts; these are the words around them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType

LANGUAGES = ("zh", "en")


def say(language: str, key: str, /, **values: object) -> str:
    """The text `key` in a language, its {places} filled with `values`."""
    return TEXTS[key][language].format(**values)


def language_of(environ: Mapping[str, str] | None = None) -> str:
    """zh where the environment speaks Chinese (LC_ALL, LC_MESSAGES, LANG, else the system's setting), en elsewhere."""
    settings = os.environ if environ is None else environ
    named = next((settings[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if settings.get(name)), None)
    if named is None and environ is None:
        # Windows sets none of the three and calls the language "Chinese (Simplified)_China".
        import locale

        named = locale.getlocale()[0]
    return "zh" if (named or "").lower().startswith(("zh", "chinese")) else "en"


TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        key: MappingProxyType({"zh": zh, "en": en})
        for key, zh, en in (
            # Words used everywhere.
            ("severity.error", "错误", "error"),
            ("severity.warning", "警告", "warning"),
            ("severity.info", "提示", "info"),
            ("confidence.high", "高", "high"),
            ("confidence.medium", "中", "medium"),
            ("confidence.low", "低", "low"),
            ("role.buyer", "买家", "buyer"),
            ("role.agent", "客服", "agent"),
            ("role.bot", "机器人", "bot"),
            ("role.system", "系统", "system"),
            ("nobody", "(未知)", "(unknown)"),
            ("bot", "(机器人)", "(bot)"),
            ("comma", "、", ", "),
            # A finding.
            ("label.reply", "回复", "reply"),
            ("label.why", "问题", "issue"),
            ("label.say", "建议", "instead"),
            ("label.rewrite", "改写", "rewrite"),
            ("label.phrase", "短语", "phrase"),
            ("no.rewrite", "没有现成的合规说法,需要人工改写", "no compliant wording at hand; it takes a person"),
            # mcp
            (
                "mcp.missing",
                "需要 MCP 的库:pip install 'replylint[mcp]'",
                "needs the MCP library: pip install 'replylint[mcp]'",
            ),
            # rules export
            ("export.kept", "{words} 个关键词,来自 {rules} 条规则。", "{words} keywords of {rules} rules."),
            ("export.left", "不能写成关键词的说法:", "Wordings that cannot be keywords:"),
            ("export.rule", "  {rule}  {left}/{all}  {reasons}", "  {rule}  {left} of {all}  {reasons}"),
            ("export.context", "{n} 种要看对话才能判断", "{n} judged by the chat only"),
            ("export.shape", "{n} 种是每次不同的号码或账号", "{n} numbers or accounts, different each time"),
            ("export.long", "{n} 种太长", "{n} too long"),
            ("export.ambiguous", "{n} 种在正常话里也有", "{n} also in harmless sentences"),
            (
                "export.info",
                "  {rule}  提示级,不拦截也不提醒",
                "  {rule}  severity info, neither blocked nor warned of",
            ),
            (
                "export.wecom.nobody",
                "企业微信要求说明对谁生效:--user 成员ID 或 --department 部门ID",
                "WeCom wants to know whom the rules are for: --user ID or --department ID",
            ),
            (
                "export.wecom.members",
                "企业微信一条规则最多 1000 个成员、1000 个部门",
                "WeCom takes at most 1000 members and 1000 departments a rule",
            ),
            (
                "export.wecom.rules",
                "超过企业微信最多 100 条规则的限制,请用 --select 分开导出",
                "more than the 100 rules WeCom takes; choose fewer with --select",
            ),
            # What a bot's model is told.
            ("advice.head", "这条回复不能发给买家:", "This reply must not be sent to the buyer:"),
            ("advice.finding", "- {rule}「{text}」{message}", "- {rule} 「{text}」 {message}"),
            ("advice.rewrite", "可以这样说:{rewrite}", "It may be put like this: {rewrite}"),
            (
                "advice.task",
                "请重新写出整条回复,只写回复本身,不要提到这条提示。",
                "Write the whole reply again, only the reply, and do not mention this note.",
            ),
            # Summaries.
            ("checked.none", "没有可检查的回复。", "There was no reply to check."),
            ("checked.clean", "检查了 {replies} 条回复,没有发现问题。", "Checked {replies} replies: nothing found."),
            (
                "checked.found",
                "检查了 {replies} 条回复,{flagged} 条有问题:{severities}。{fixable} 条有合规改写。",
                "Checked {replies} replies, {flagged} with findings: {severities}. A compliant rewrite for {fixable}.",
            ),
            ("count.error", "错误 {n}", "{n} error(s)"),
            ("count.warning", "警告 {n}", "{n} warning(s)"),
            ("count.info", "提示 {n}", "{n} info"),
            (
                "fixed",
                "{path}:改写了 {fixed} 条,还有 {left} 条需要人工处理。",
                "{path}: rewrote {fixed}, {left} more need a person.",
            ),
            ("fixed.nothing", "{path}:没有可以改写的回复。", "{path}: nothing to rewrite."),
            # What goes wrong.
            ("error", "错误", "error"),
            ("hint.help", "用法见 replylint {command} --help", "see replylint {command} --help"),
            (
                "pack.broken",
                "规则或配置有 {n} 处问题,没有开始检查。",
                "{n} problem(s) in rules or settings; nothing was checked.",
            ),
            ("interrupted", "已中断。", "interrupted"),
            (
                "stdin.waiting",
                "正在从键盘读取,一行一条回复,Ctrl-D 结束。",
                "reading replies from the keyboard, one a line; end with Ctrl-D",
            ),
            ("file.missing", "没有这个文件", "no such file"),
            ("file.directory", "这是一个目录,请给出文件", "is a directory; name the files in it"),
            ("file.unreadable", "读不了:{reason}", "cannot be read: {reason}"),
            (
                "file.undecodable",
                "既不是 UTF-8 也不是 GB18030 文本(字节 0x{byte:02x})",
                "is neither UTF-8 nor GB18030 text (byte 0x{byte:02x})",
            ),
            (
                "fix.no.workbook",
                "写工作簿需要 XlsxWriter:pip install 'replylint[report]'",
                "writing a workbook needs XlsxWriter: pip install 'replylint[report]'",
            ),
            (
                "file.chatlog",
                "没有“快捷短语”这一列,像是聊天记录:请用 replylint audit",
                "has no column 快捷短语 and looks like a chat log: use replylint audit",
            ),
            (
                "flaw.no-phrase-column",
                "第一行没有“快捷短语”这一列(千牛表头:快捷短语编码,快捷短语,快捷短语分组)",
                "the first line has no column 快捷短语 (千牛 writes 快捷短语编码,快捷短语,快捷短语分组)",
            ),
            ("flaw.open-quote", "这里的引号没有收口", "this quote is never closed"),
            ("flaw.short-row", "这一行缺少“快捷短语”那一格", "this row has no cell for 快捷短语"),
            ("json.broken", "不是 JSON:{reason}(第 {column} 个字符)", "not JSON: {reason} (character {column})"),
            ("json.encoding", "这一行不是 UTF-8", "the line is not UTF-8"),
            ("json.deep", "JSON 嵌套太深", "the JSON is nested too deeply"),
            (
                "json.conversation",
                "这是整段对话(turns),请用 replylint audit",
                "is a whole conversation (turns): use replylint audit",
            ),
            (
                "usage.buyer.jsonl",
                "--buyer 不能用于 jsonl:每条请求自带 history",
                "--buyer does not go with jsonl: each request brings its history",
            ),
            (
                "usage.write.stdin",
                "--write 需要文件,不能改写标准输入",
                "--write needs files; standard input cannot be rewritten",
            ),
            (
                "usage.map",
                "--map 的写法是 字段=列名,例如 text=内容,不能是 {given!r}",
                "--map reads field=header, as in text=内容, not {given!r}",
            ),
            (
                "usage.unknown",
                "{option} 里没有这样的规则或规则包:{name!r}{hint}",
                "unknown rule or pack {name!r} in {option}{hint}",
            ),
            ("usage.rule", "没有这样的规则:{name!r}{hint}", "unknown rule {name!r}{hint}"),
            ("usage.explain", "请给出规则编号,或者 --reply TEXT", "name a rule, or give --reply TEXT"),
            ("usage.explain.both", "规则编号和 --reply 只能给一个", "name a rule or give --reply, not both"),
            (
                "usage.jobs",
                "--jobs 是不小于 1 的整数,不能是 {given!r}",
                "--jobs is a whole number of at least 1, not {given!r}",
            ),
            (
                "usage.pack.name",
                "规则包的名字用小写英文字母,不能是 {given!r}",
                "a pack's name is made of small letters, not {given!r}",
            ),
            # audit
            ("audit.preparing", "正在看聊天记录……", "looking at the logs …"),
            ("audit.progress", "已审 {done} 段对话 · {rate}/秒", "{done} conversations · {rate}/s"),
            (
                "audit.progress.eta",
                "已审 {done} 段对话({share}) · {rate}/秒 · 约剩 {eta}",
                "{done} conversations ({share}) · {rate}/s · about {eta} left",
            ),
            ("audit.empty", "没有读到任何对话", "no conversation was found in it"),
            (
                "audit.headline",
                "共审 {conversations} 段对话、{replies} 条客服回复:{flagged} 条有问题({severities}),"
                "涉及 {chats} 段对话。",
                "Audited {conversations} conversations with {replies} replies: {flagged} have findings ({severities}), "
                "in {chats} conversations.",
            ),
            (
                "audit.clean",
                "共审 {conversations} 段对话、{replies} 条客服回复,没有发现问题。",
                "Audited {conversations} conversations with {replies} replies: nothing found.",
            ),
            ("audit.problems", "有 {n} 处没能读懂,见 {path}。", "{n} place(s) could not be read, see {path}."),
            ("audit.files", "报告和明细:{path}", "Report and details: {path}"),
            (
                "audit.no.workbook",
                "没有写 audit.xlsx:需要 XlsxWriter,安装 pip install 'replylint[report]'",
                "no audit.xlsx was written: it needs XlsxWriter, pip install 'replylint[report]'",
            ),
            (
                "audit.no.parquet",
                "没有写 findings.parquet:需要 pyarrow,安装 pip install 'replylint[parquet]'",
                "no findings.parquet was written: it needs pyarrow, pip install 'replylint[parquet]'",
            ),
            ("column.rule", "规则", "rule"),
            ("column.severity", "级别", "severity"),
            ("column.count", "次数", "count"),
            ("column.who", "谁说的", "who"),
            ("column.words", "原话", "words"),
            ("column.instead", "建议这样说", "say instead"),
            ("column.agent", "客服", "agent"),
            ("column.replies", "回复", "replies"),
            ("column.flagged", "有问题", "flagged"),
            ("column.share", "占比", "share"),
            ("column.points", "扣分", "points"),
            ("column.score", "得分", "score"),
            ("column.mostly", "主要问题", "mostly"),
            ("who.count", "{name} {n}", "{name} {n}"),
            # The report of an audit, as a page and as a workbook.
            ("report.kind", "客服质检报告", "Customer-service audit"),
            ("report.scope", "{chats} 段对话 · {first} 至 {last}", "{chats} conversations · {first} to {last}"),
            ("report.scope.undated", "{chats} 段对话", "{chats} conversations"),
            ("report.scope.logs", "来自 {n} 份聊天记录", "from {n} logs"),
            (
                "report.scope.problems",
                "有 {n} 处没能读懂,不在统计内,见 problems.jsonl",
                "{n} place(s) could not be read and are not counted, see problems.jsonl",
            ),
            (
                "report.masked",
                "个人信息已隐去,买家用化名。",
                "Personal data is masked; buyers go by pseudonyms.",
            ),
            ("report.unmasked", "注意:个人信息没有隐去。", "Careful: personal data is not masked."),
            ("report.version", "规则版本 {version}", "Rules {version}"),
            ("report.all", "全部", "All"),
            ("report.overview", "概览", "Overview"),
            ("report.conversations", "对话", "Conversations"),
            ("report.replies", "客服回复", "Replies"),
            ("report.score", "平均得分", "Mean score"),
            ("report.flagged", "有问题的回复", "Flagged replies"),
            ("report.failed", "红线对话", "Failed"),
            ("report.first", "首次响应", "First response"),
            ("report.findings", "问题", "Findings"),
            ("report.points", "扣分", "Points"),
            ("report.automatic", "{share} 为自动回复", "{share} automatic"),
            ("report.of", "{share}", "{share}"),
            ("report.grade", "等级 {grade}", "grade {grade}"),
            ("report.within", "{share} 在 {step} 秒内", "{share} within {step} s"),
            ("report.in.chats", "{n} 段对话", "{n} conversation(s)"),
            ("report.trend", "每天的问题", "Findings by day"),
            ("report.heat", "什么时候出问题", "When they happen"),
            (
                "report.heat.cell",
                "{day} {hour}:00  问题 {n},回复 {replies}",
                "{day} {hour}:00  {n} findings, {replies} replies",
            ),
            ("report.packs", "哪一类问题", "What they are about"),
            ("report.received.days", "每天的新对话", "Conversations received by day"),
            ("report.received.hours", "每小时的新对话", "Conversations received by hour"),
            (
                "report.received.bar",
                "{at}  新对话 {n},买家消息 {messages}",
                "{at}  {n} conversations, {messages} buyer messages",
            ),
            (
                "report.day.bar",
                "{day}  错误 {error},警告 {warning},提示 {info}",
                "{day}  {error} errors, {warning} warnings, {info} info",
            ),
            ("report.pack.bar", "{n}({share})", "{n} ({share})"),
            ("report.rules", "规则", "Rules"),
            ("report.rule", "规则", "Rule"),
            ("report.severity", "级别", "Severity"),
            ("report.count", "次数", "Count"),
            ("report.words", "原话", "Words"),
            ("report.instead", "建议这样说", "Say instead"),
            ("report.precision", "复核属实率", "Share upheld"),
            ("report.agents", "客服", "Agents"),
            ("report.agent", "客服", "Agent"),
            (
                "report.agents.note",
                "得分是其参与的每段对话得分的平均:每段从满分起扣,红线为零分。",
                "A score is the mean over the conversations somebody took part in: each starts full, and a red line "
                "leaves nothing.",
            ),
            ("report.share", "问题占比", "Share"),
            ("report.grade.head", "等级", "Grade"),
            ("report.mostly", "主要问题", "Mostly"),
            ("report.robot", "机器人", "robot"),
            ("report.teams", "班组", "Teams"),
            ("report.team", "班组", "Team"),
            ("report.shops", "店铺", "Shops"),
            ("report.lost", "扣分(计上限)", "Lost, with caps"),
            ("report.groups", "班组店铺", "Teams and shops"),
            ("report.left", "得分", "Score"),
            ("report.shop", "店铺", "Shop"),
            ("report.days", "按日", "Days"),
            ("report.day", "日期", "Day"),
            ("report.workload", "接待量", "Workload"),
            (
                "report.workload.note",
                "首次响应只算人工的第一句回复;机器人的招呼不算。",
                "First response counts the first reply of a person; a robot's greeting is none.",
            ),
            ("report.messages", "买家消息", "Buyer messages"),
            ("report.human", "人工回复", "Replies by people"),
            ("report.robots", "自动回复", "Automatic"),
            ("report.response", "平均响应", "Mean response"),
            ("report.half.minute", "30 秒内", "Within 30 s"),
            ("report.hour", "时段", "Hour"),
            ("report.forecast", "大促预测", "Campaign forecast"),
            (
                "report.forecast.text",
                "参考期内 {days} 天平均每天 {average} 段对话;去年参考期日均 {last} 段、大促当天 {day} 段。"
                "照此推算,今年大促当天约 {n} 段,按每人 {load} 段,需要 {staff} 人。",
                "{days} reference days brought {average} conversations a day; last year's reference days "
                "brought {last}, its campaign day {day}. By that, expect about {n} this year, "
                "which takes {staff} people at {load} each.",
            ),
            ("report.talks", "对话", "Conversations"),
            (
                "report.talks.note",
                "按扣分从多到少,共 {n} 段。点开看上下文、命中的字句和建议。",
                "The {n} that lost most, hardest first. Open one for the context, the words at fault and what to say "
                "instead.",
            ),
            (
                "report.talks.more",
                "另有 {n} 段有问题的对话没有在这里展开,见 audit.xlsx 和 findings.jsonl。",
                "{n} more conversations with findings are not shown here, see audit.xlsx and findings.jsonl.",
            ),
            ("report.any.agent", "所有客服", "All agents"),
            ("report.any.rule", "所有规则", "All rules"),
            ("report.any.severity", "所有级别", "All severities"),
            ("report.any.day", "所有日期", "All days"),
            ("report.search", "搜索字句", "Search the words"),
            ("report.minus", "扣 {n} 分", "−{n} points"),
            ("report.red", "红线", "red line"),
            ("report.skipped", "…… {n} 条略 ……", "… {n} not shown …"),
            ("report.sources", "这些规则是什么意思", "What the rules mean"),
            ("report.clean", "没有发现问题。", "Nothing was found."),
            ("report.seconds", "{n} 秒", "{n} s"),
            ("report.minutes", "{n} 分", "{n} min"),
            ("report.period", "时间范围", "Period"),
            ("report.id", "规则编号", "Rule id"),
            ("report.upheld", "属实", "Upheld"),
            ("report.rejected", "误报", "Wrong"),
            ("report.time", "时间", "Time"),
            ("report.buyer", "买家的话", "Buyer said"),
            ("report.reply", "客服回复", "Reply"),
            ("report.advice", "问题", "Issue"),
            ("report.rewrite", "建议改写", "Rewrite"),
            ("report.reviewer", "复核人", "Reviewer"),
            ("report.remark", "备注", "Remark"),
            ("report.platform", "平台", "Platform"),
            ("report.conversation", "会话", "Conversation"),
            ("report.log", "记录文件", "Log"),
            ("report.first.seconds", "首次响应(秒)", "First response (s)"),
            ("report.response.seconds", "平均响应(秒)", "Mean response (s)"),
            ("report.staff", "需要人数", "Staff needed"),
            ("report.weekdays", "一,二,三,四,五,六,日", "Mon,Tue,Wed,Thu,Fri,Sat,Sun"),
            (
                "report.footer",
                "由 replylint 在本机生成,不连接网络。",
                "Made by replylint on this machine; the page loads nothing.",
            ),
            # explain, rules
            ("rule.wants", "要求", "wants"),
            ("rule.why", "为什么", "why"),
            ("rule.sources", "依据", "sources"),
            ("rule.weight", "级别", "weight"),
            (
                "rule.weight.text",
                "{severity},扣 {points} 分,把握{confidence}",
                "{severity}, {points} points, {confidence} confidence",
            ),
            ("rule.platforms", "平台", "platforms"),
            ("rule.platform.off", "不查", "off"),
            ("rule.profile", "店铺", "shop"),
            ("rule.profile.text", "店铺资料声明了 {fact} 时不查", "not checked where the shop profile lists {fact}"),
            ("rule.dates", "有效期", "in force"),
            ("rule.dates.text", "{since} 至 {until}", "{since} to {until}"),
            ("rule.aliases", "旧编号", "formerly"),
            ("rule.bad", "这样说会被指出", "Flagged"),
            ("rule.good", "这样说没有问题", "Left alone"),
            ("source.read", "{date} 核对原文", "text read {date}"),
            ("source.secondary", "{date} 核对转引", "quoted by others, checked {date}"),
            ("source.unverified", "未核对原文", "not verified"),
            ("rules.total", "{packs} 个规则包,{rules} 条规则", "{packs} packs, {rules} rules"),
            ("test.progress", "已测 {done}/{total} 条规则", "{done} of {total} rules"),
            (
                "test.ok",
                "{rules} 条规则、{examples} 个例句,全部通过。",
                "{rules} rules with {examples} examples: all hold.",
            ),
            (
                "test.complaints",
                "{rules} 条规则、{examples} 个例句:{complaints} 处不成立。",
                "{rules} rules with {examples} examples: {complaints} promise(s) broken.",
            ),
            ("test.none", "没有选中任何规则。", "No rule was chosen."),
            ("explain.nothing", "没有一条规则的说法出现在这句话里。", "No rule's words occur in this reply."),
            ("explain.allow", "结论:可以发", "Verdict: may be sent"),
            ("explain.warn", "结论:建议改了再发", "Verdict: better rephrased before sending"),
            ("explain.block", "结论:不能发", "Verdict: must not be sent"),
            ("explain.flagged", "指出", "flagged"),
            ("explain.dropped", "放过", "let go"),
            ("explain.by", "命中的写法:{pattern}", "matched by: {pattern}"),
            ("explain.confidence", "把握{confidence}", "{confidence} confidence"),
            ("reason.negated", "话里有否定,并没有做这件事", "it is denied: the act is not done"),
            ("reason.affirmed", "话里是肯定的,没有拒绝", "it is affirmed: nothing is refused"),
            ("reason.needless", "说的是不需要、不用,不是拒绝", "it is said to be needless, not refused"),
            ("reason.pending", "说的是还没有,不是拒绝", "it is said to be pending, not refused"),
            ("reason.dates", "回复发出时规则还没有(或不再)生效", "the rule was not in force when it was sent"),
            ("reason.warned", "这是在提醒买家防范", "the buyer is being warned of it"),
            ("reason.quoted", "在引号里,是引用别人的话", "it stands inside quotation marks"),
            ("reason.reported", "是在转述别人的话", "somebody else's words are being told"),
            ("reason.question", "是在问,不是在说", "it is asked, not said"),
            ("reason.conditional", "前面有“如果”一类的假设", "it stands behind an if"),
            ("reason.hedged", "话留了余地(如“仅供参考”)", "it is hedged (for reference only, …)"),
            ("reason.echoed", "只是重复买家刚说的内容", "it only repeats what the buyer has just said"),
            ("reason.heard", "对话里前面的话说明它没有问题", "what was said before makes it right"),
            ("reason.no-act", "有这些字,但没有做这件事", "the words are there, the act is not"),
            ("reason.said", "客服前面的话说明它没有问题", "what the agent said before makes it right"),
            ("reason.when", "这段对话不符合规则的条件", "the rule's conditions do not hold in this chat"),
            ("reason.profile", "店铺资料里关掉了这条规则", "the shop profile switches the rule off"),
            ("reason.exempt", "属于这条规则的例外", "it is one of the rule's exceptions"),
            ("reason.cleared", "回复里另有一句已经说清楚了", "another part of the reply makes it right"),
            ("reason.answer", "对买家的问题,这句的态度没有问题", "as an answer to the buyer it takes the right side"),
            ("reason.platform", "这个平台不查这条规则", "the rule is off on this platform"),
            ("reason.yielded", "已由更重的一条规则指出", "a harder finding already covers it"),
            (
                "reason.policy",
                "按当前的选择或策略不查这条规则",
                "the rule is left out by the policy or the chosen rules",
            ),
            ("reason.other", "原因:{reason}", "because: {reason}"),
            # serve
            ("serve.held", "这条消息没有发出。{why}", "This message was not sent. {why}"),
            ("serve.instead", " 可以这样说:{rewrite}", " Say instead: {rewrite}"),
            (
                "serve.unjudged",
                "合规检查暂时不可用,这条消息没有发出,请稍后再试。",
                "The check is not available just now, so this message was not sent. Please try again.",
            ),
            (
                "serve.missing",
                "服务需要另外安装:pip install 'replylint[serve]'",
                "the service needs more packages: pip install 'replylint[serve]'",
            ),
            (
                "serve.open",
                "监听 {host} 会让别的机器连进来,请用 --secret-file 或环境变量 REPLYLINT_SECRET 设置口令",
                "listening on {host} lets other machines in: set a secret with --secret-file or REPLYLINT_SECRET",
            ),
            (
                "serve.open.host",
                "监听 {host} 时,{dialect} 也需要 secret",
                "when listening on {host}, {dialect} needs a secret too",
            ),
            ("serve.secret", "{path}:口令不能为空", "{path}: the secret is empty"),
            (
                "serve.ready",
                "replylint 正在监听 {url}(规则 {version}),Ctrl-C 结束。",
                "replylint is listening on {url} (rules {version}); end with Ctrl-C.",
            ),
            ("serve.busy", "无法监听 {host}:{port}:{reason}", "cannot listen on {host}:{port}: {reason}"),
            # demo
            (
                "demo.intro",
                "replylint 在客服发出回复之前检查措辞:看上下文,不只看关键词;指出哪几个字有问题、为什么、该怎么说。\n"
                "下面用自带的示例演示(店铺、昵称、电话全是虚构的)。",
                "replylint checks what customer service is about to send: by context, not by keyword. It marks the\n"
                "words at fault, says why, and what to send instead. Everything below is run on the bundled samples;\n"
                "all names and numbers in them are made up.",
            ),
            ("demo.part.replies", "一、发送之前:几条回复", "1. Before sending: a few replies"),
            (
                "demo.part.chats",
                "二、聊天记录里:同样的话题,两种回答",
                "2. In the chat logs: the same topic, two answers",
            ),
            ("demo.part.totals", "三、三家店的汇总", "3. The totals of three shops"),
            ("demo.fine", "没有问题", "fine"),
            ("demo.alone", "合规的说法,没有误报", "said right, and left alone"),
            ("demo.files", "文件在 {path}:", "The files are in {path}:"),
            (
                "demo.file.findings",
                "每一处问题:对话、第几句、原话、建议",
                "every finding: conversation, turn, words, suggestion",
            ),
            ("demo.file.report", "报告:用浏览器打开", "the report: open it in a browser"),
            (
                "demo.file.workbook",
                "Excel 工作簿:汇总、明细、复核栏",
                "a workbook: tables, findings, columns for appeals",
            ),
            ("demo.file.parquet", "同样的问题,供数据仓库使用", "the same findings, for a warehouse"),
            ("demo.file.summary", "汇总数字:按规则、客服、日期", "the totals by rule, agent and day"),
            ("demo.file.problems", "日志里没能读懂的地方", "places of the logs that could not be read"),
            (
                "demo.next",
                "接下来:replylint check 话术.csv   检查话术库\n"
                "        replylint audit 聊天记录.csv --out 结果   审自己的聊天记录",
                "Next: replylint check phrases.csv          checks a quick-phrase library\n"
                "      replylint audit chats.csv --out DIR  audits your own chat logs",
            ),
            ("demo.no.samples", "找不到自带的示例聊天记录:{path}", "the bundled sample logs are missing: {path}"),
        )
    }
)
