#!/usr/bin/env bash
# Audits the sample logs of three invented shops; put your own exports in their place.
#   examples/audit.sh [DIR]        results go to DIR (default: audit-out)
set -euo pipefail
logs="$(dirname "${BASH_SOURCE[0]}")/logs"
out=${1:-audit-out}

# The status of an audit is 1 when there are findings and 2 when it went wrong; only the second ends this script.
status=0
replylint audit "$logs"/*.jsonl "$logs"/*.csv "$logs"/*.txt --out "$out" || status=$?
[ "$status" -le 1 ] || exit "$status"

# findings.jsonl holds one finding a line: the words, whose they are, and what to say instead.
echo
echo "invoice/refusal, found $(grep -c '"rule": "invoice/refusal"' "$out/findings.jsonl") times, the first:"
grep -m 1 '"rule": "invoice/refusal"' "$out/findings.jsonl"
