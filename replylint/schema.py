"""JSON Schemas of the YAML files, for editors that complete and check while one types.

They say what a file may look like. Whether a concept exists, a frame is well formed or an example holds, only
`replylint rules test` can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from replylint.answers import STANCE_KINDS, STANCES
from replylint.clause import CUE_KINDS, FEATURES
from replylint.model import PLATFORMS, ROLES, SEVERITIES
from replylint.profile import ACTIONS
from replylint.rulepack import BECAUSE, CONDITIONS, CONFIDENCES, LANGUAGES, VALIDATORS
from replylint.validators import Vocabulary

Schema: TypeAlias = dict[str, Any]

LOG_FORMATS = (
    "auto", "jsonl", "csv", "xlsx", "parquet", "qianniu", "wecom", "jddc", "zendesk", "intercom", "chatwoot",
    "messages",
)  # fmt: skip
NAMES = ("pack", "lexicon", "profile", "policy", "card", "config")

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string", "minLength": 1}
_FLAG: Schema = {"type": "boolean"}
_POINTS: Schema = {"type": "integer", "minimum": 0, "maximum": 10}
_DATE: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_RULE_ID: Schema = {"type": "string", "pattern": "^[a-z]+/[a-z0-9]+(-[a-z0-9]+)*$"}
_REASONS = (*FEATURES, "echoed")


def schema_of(name: str) -> Schema:
    """The schema of a kind of file; `name` is one of `NAMES`."""
    schema = {
        "pack": _pack, "lexicon": _lexicon, "profile": _profile, "policy": _policy, "card": _card, "config": _config,
    }[name]()  # fmt: skip
    return {"$schema": _DRAFT, "title": f"replylint {name}", **schema}


def _choice(words: Iterable[str], about: str = "") -> Schema:
    return _about({"enum": list(words)}, about)


def _about(schema: Schema, text: str) -> Schema:
    return {**schema, "description": text} if text else schema


def _list(item: Schema, about: str = "") -> Schema:
    """A list, or a single one that stands for a list of one."""
    return _about({"anyOf": [item, {"type": "array", "items": item}]}, about)


def _object(properties: Mapping[str, Schema], required: Iterable[str] = (), about: str = "") -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if needed := list(required):
        schema["required"] = needed
    return _about(schema, about)


def _map_of(value: Schema, about: str = "") -> Schema:
    return _about({"type": "object", "additionalProperties": value}, about)


def _languages(about: str) -> Schema:
    return _object(dict.fromkeys(LANGUAGES, _TEXT), LANGUAGES, about)


def _concepts() -> Schema:
    full = _object({"any": _list(_TEXT), "not": _list(_TEXT), "note": _TEXT}, ("any",))
    return _map_of({"anyOf": [*_list(_TEXT)["anyOf"], full]}, "Sets of phrases. Names are unique over all packs.")


def _requests() -> Schema:
    parts = {
        "ask": _list(_TEXT, "Any of these frames in the buyer's turn."),
        "not": _list(_TEXT, "A turn with one of these is not this request."),
        "note": _TEXT,
    }
    return _map_of(_object(parts, ("ask",)), "What a buyer asks or proposes, as pack.name.")


def _pack() -> Schema:
    properties = {
        "pack": {"type": "string", "pattern": "^[a-z]+$", "description": "The pack's name: what rule ids begin with."},
        "title": _languages("The pack's name for people."),
        "about": _TEXT,
        "concepts": _concepts(),
        "requests": _requests(),
        "rules": {"type": "array", "items": _rule(), "minItems": 1},
    }
    return _object(properties, ("pack", "title", "rules"))


def _rule() -> Schema:
    properties: dict[str, Schema] = {
        "id": _about(_RULE_ID, "pack/kebab-name; never used again for something else."),
        "aliases": _list(_RULE_ID, "Former ids of this rule."),
        "title": _languages("What the rule is about, in a few words."),
        "severity": _choice(
            SEVERITIES, "error: breaks a law or a platform rule; warning: should be rephrased; info: style."
        ),
        "points": _about(_POINTS, "What a finding costs, 0 to 10."),
        "confidence": _choice(CONFIDENCES),
        "message": _languages("What the agent reads: short, what is wrong and what to do."),
        "why": _languages("The reason, in a sentence or two."),
        "sources": _list({"anyOf": [_TEXT, _source()]}),
        "platforms": _platforms(),
        "since": _DATE,
        "until": _DATE,
        "match": _list({"anyOf": [_TEXT, _match()]}, "Any one of them breaks the rule."),
        "unless": _list(_choice(_REASONS), "Replaces the usual reasons for which a clause lets a candidate go."),
        "except": _list(_TEXT, "Frames; a candidate that overlaps one is exempt."),
        "clear": _list(_TEXT, "Frames; one anywhere in the reply makes it right."),
        "yields_to": _list(_TEXT, "Rules or packs; not reported when one of them is."),
        "profile_off": _about(_TEXT, "Switched off where the shop profile lists this fact."),
        "fix": _fix(),
        "note": _TEXT,
        "bad": _list({"anyOf": [_TEXT, _example(good=False)]}, "Flagged exactly at its [[marks]]."),
        "good": _list({"anyOf": [_TEXT, _example(good=True)]}, "Let go, and because of what."),
    }
    return _object(properties, ("id", "title", "severity", "points", "message", "match", "bad", "good"))


def _source() -> Schema:
    status = _choice(("read", "secondary", "unverified"), "read: the text itself; secondary: quoted by others.")
    return _object({"cite": _TEXT, "url": _TEXT, "checked": _DATE, "status": status}, ("cite",))


def _platforms() -> Schema:
    severity = _choice((*SEVERITIES, "off"))
    override = {"anyOf": [severity, _object({"severity": severity, "points": _POINTS})]}
    return _object(dict.fromkeys(PLATFORMS, override), about='What a platform does differently; quote "off".')


def _match() -> Schema:
    properties: dict[str, Schema] = {
        "say": _about(_TEXT, "A frame in the reply, the act affirmed."),
        "deny": _about(_TEXT, "A frame in the reply, the act refused."),
        "utter": _about(_TEXT, "A frame in the reply, affirmed or denied: an insult is one either way."),
        "regex": _about(_TEXT, "A regular expression, run with a time limit; \\b and \\w are refused."),
        "as_typed": _about(_FLAG, "The expression is run on the reply before folding, where folding drops something."),
        "must": _list(_TEXT, "Broken when none of these frames occurs in the reply."),
        "asked": _list(_TEXT, "The buyer's open request is one of these."),
        "form": _choice(("positive", "negative"), "The form of the question."),
        "answer": _list(_choice(STANCES), "The reply's stance towards the thing asked for."),
        "about": _list(_TEXT, "One of these frames occurs in the reply or in the buyer's open turns."),
        "heard": _list(_TEXT, "A buyer or system turn of the last ones matches one of these frames."),
        "said": _list(_TEXT, "One of the agent's own last bubbles matches one of these frames."),
        "unless_said": _list(_TEXT, "None of the agent's own turns before matches one of these frames."),
        "unless_heard": _list(_TEXT, "No buyer or system turn of the last ones matches one of these frames."),
        "without": _list(_TEXT, "None of these frames occurs in the reply."),
        "pieces": _about(_FLAG, "The frame may be completed over several bubbles in a row."),
        "when": _list(_choice(CONDITIONS)),
        "shorter": _about({"type": "integer", "minimum": 2, "maximum": 200}, "The reply has fewer characters."),
        "longer": _about({"type": "integer", "minimum": 2, "maximum": 10_000}, "The reply has no fewer characters."),
        "repeated": _about({"type": "integer", "minimum": 1, "maximum": 10}, "Sent this often before, unanswered."),
        "opens": _about(_FLAG, "The agent's first reply in its conversation (audits only)."),
        "closes": _about(_FLAG, "The agent's last reply in its conversation (audits only)."),
        "waited": _about({"type": "integer", "minimum": 1}, "Seconds the buyer waited for it (needs times)."),
        "valid": _choice(VALIDATORS, "A check on what the regular expression found."),
        "unless": _list(_choice(_REASONS), "Replaces the rule's reasons for letting a candidate go."),
        "also_unless": _list(_choice(_REASONS), "Adds to the rule's reasons."),
        "whole_word": _about(_FLAG, "The tokenizer agrees that the match does not cut a word."),
        "severity": _choice(SEVERITIES),
        "points": _POINTS,
        "confidence": _choice(CONFIDENCES),
        "note": _TEXT,
    }
    return _object(properties, about="All parts that are given must hold.")


def _fix() -> Schema:
    edit = _object({"from": _TEXT, "regex": _TEXT, "to": {"type": ["string", "null"]}}, ("to",))
    properties = {
        "edits": _list(edit, "Words, where the sentence stays true; tried first."),
        "before": _about(_TEXT, "Put before the clause at fault."),
        "after": _about(_TEXT, "Put behind the clause at fault."),
        "clause": _list(_TEXT, "Takes the place of the clause at fault."),
        "reply": _list(_TEXT, "Takes the place of the whole reply."),
    }
    return _object(properties, about="How to say it right.")


def _example(*, good: bool) -> Schema:
    properties: dict[str, Schema] = {
        "say": _about(_TEXT, "The reply; in a bad example [[…]] marks what is wrong."),
        "buyer": _list(_TEXT, "What the buyer said before."),
        "turns": _list(
            {"type": "string", "pattern": f"^({'|'.join(ROLES)})(@\\S+)?: "},
            "Earlier turns, as in 'agent: 稍等'; with a time, 'buyer@2026-01-01T10:00: 在吗'.",
        ),
        "at": _about(_TEXT, "When the reply is sent."),
        "opens": _about(_FLAG, "It is the agent's first reply."),
        "closes": _about(_FLAG, "It is the agent's last reply."),
        "meta": _map_of(_TEXT),
        "fix": _about(_TEXT, "The rewrite that is expected."),
        "because": _choice(BECAUSE, "Why it is fine."),
        "note": _TEXT,
    }
    return _object(properties, ("say", "because") if good else ("say",))


def _lexicon() -> Schema:
    words = {"anyOf": [*_list(_TEXT)["anyOf"], _object({"any": _list(_TEXT), "not": _list(_TEXT)}, ("any",))]}
    spelling = _object(
        {
            "sounds": _map_of(_list(_TEXT)),
            "whole": _list(_TEXT),
            "not": _list(_TEXT),
            "separators": _FLAG,
            "trick": _TEXT,
        }
    )
    vocabulary = list(Vocabulary().words())
    properties = {
        "lexicon": {"type": "integer"},
        "about": _TEXT,
        "cues": _object(dict.fromkeys(CUE_KINDS, words), CUE_KINDS, "Words that turn an act around."),
        "stances": _object(dict.fromkeys(STANCE_KINDS, words), STANCE_KINDS, "What a short answer says."),
        "fillers": _list(_TEXT),
        "particles": _list(_TEXT),
        "concepts": _concepts(),
        "requests": _requests(),
        "spellings": _map_of(spelling, "Words that people disguise, and how."),
        "sounds_alike": _object(
            dict.fromkeys(("any", "pinyin", "not"), _list(_TEXT)), (), "Words that people hide by their sound."
        ),
        "vocabulary": _object({name: _list(_TEXT) for name in vocabulary}),
        "slots": _map_of(_TEXT, "Neutral texts for the {slots} of rewrites."),
        "domain_words": _list(_TEXT),
    }
    return _object(properties, ("lexicon", "cues", "stances"))


def _profile() -> Schema:
    properties = {
        "slots": _map_of(_TEXT, "The shop's own texts for the {slots} of rewrites."),
        "facts": _list(_TEXT, "Names that rules list under profile_off."),
        "hotlines": _list(_TEXT, "Numbers the shop publishes; quote them."),
        "addresses": _list(_TEXT, "The shop's own addresses."),
        "language": _choice(LANGUAGES, "Of the messages that agents read."),
    }
    return _object(properties)


def _policy() -> Schema:
    properties = {
        "select": _list(_TEXT, "Only these rules or packs."),
        "ignore": _list(_TEXT, "Not these rules or packs."),
        "severity": _map_of(_choice(SEVERITIES), "The severity of a rule, if another than its own."),
        "action": _object(dict.fromkeys(SEVERITIES, _choice(ACTIONS)), about="What a finding of a severity leads to."),
    }
    return _object(properties)


def _card() -> Schema:
    points: Schema = {"type": "integer", "minimum": 0, "maximum": 1000}
    many: Schema = {"type": "integer", "minimum": 1}
    forecast = {
        "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
        "last-average": many,
        "last-campaign-day": many,
        "per-agent": many,
    }
    properties = {
        "full": _about({**points, "minimum": 1}, "What a conversation starts with."),
        "points": _map_of(points, "Points of a rule or of a pack's rules, if others than the catalogue's."),
        "caps": _object({"times": points, "conversation": points}, about="How often a rule counts; the most to lose."),
        "red-lines": _list(_TEXT, "Rules and packs that fail a conversation."),
        "red-line-points": _about(points, "A finding of this weight fails it too; 0 for none."),
        "grades": _map_of(points, "The least score of each grade."),
        "teams": _map_of(_list(_TEXT), "The agents of each team."),
        "forecast": _object(forecast, ("last-average", "last-campaign-day", "per-agent"), "Of a campaign day."),
    }
    return _object(properties)


def _config() -> Schema:
    properties = {
        "packs": _list(_TEXT, "Packs by name, or by path from this file."),
        "policy": _about(_TEXT, "Path of a policy file."),
        "shop": _about(_TEXT, "Path of a shop profile."),
        "select": _list(_TEXT, "Only these rules or packs."),
        "ignore": _list(_TEXT, "Not these rules or packs."),
        "lang": _choice(LANGUAGES),
        "fail-level": _choice(SEVERITIES, "What makes the exit status 1."),
        "exit-zero": _FLAG,
        "platform": _choice(PLATFORMS),
        "format": _choice(("text", "json", "jsonl", "sarif", "github", "junit", "csv")),
        "input": _choice(("auto", "text", "markdown", "jsonl", "csv")),
        "input-format": _choice(LOG_FORMATS),
        "card": _about(_TEXT, "Path of a score card."),
        "pseudonym-key": _about(_TEXT, "Path of the key for buyers' pseudonyms."),
        "max-points": _about({"type": "integer", "minimum": 0}, "Points above which an audit fails."),
        "map": _map_of(_TEXT, "A log table's headers by field, as in text: 内容."),
        "jobs": {"type": "integer", "minimum": 1, "maximum": 256},
    }
    return _object(properties)
