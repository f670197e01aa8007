"""Whole chat logs: every turn of an agent or a bot judged in its context, added up, and told in files.

Conversations are independent of each other, so any number of processes gives the same findings in the same order.
"""

from replylint.audit.judged import Auditor, Chat, Hit, Review
from replylint.audit.pieces import Source, read_whole
from replylint.audit.privacy import Masker
from replylint.audit.run import Plan, Task, clear, prepare, put_together, work_off
from replylint.audit.scorecard import Card
from replylint.audit.sums import Sums

FINDINGS, SUMMARY, PROBLEMS = "findings.jsonl", "summary.json", "problems.jsonl"
REPORT, WORKBOOK, PARQUET = "report.html", "audit.xlsx", "findings.parquet"

__all__ = [
    "FINDINGS", "PARQUET", "PROBLEMS", "REPORT", "SUMMARY", "WORKBOOK", "Auditor", "Card", "Chat", "Hit", "Masker",
    "Plan", "Review", "Source", "Sums", "Task", "clear", "prepare", "put_together", "read_whole", "work_off",
]  # fmt: skip
