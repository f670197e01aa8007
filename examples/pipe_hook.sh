#!/usr/bin/env bash
# A pre-send hook as a pipe, to copy into any language: one process stays up; one JSON line in, one JSON line out, in
# order, each at once. Here the shell reads the answers and says what the chat program has to do:
#   PASS   the reply may go out                      BLOCK  it may not, and nobody knows a better wording
#   WARN   it may, once the agent was told why       SWAP   it may not; the answer holds a compliant `rewrite`
#
#   echo '{"id":"1","reply":"可以的","history":[{"role":"buyer","text":"能加个微信吗"}]}' | examples/pipe_hook.sh
#
# Arguments are handed on to `replylint check`. The status is 2 when a line, a pack or a setting could not be read.
set -euo pipefail

# Quotes inside a JSON string are escaped, so these words can only be the answer's own keys.
verdict() {
  case $1 in
    *'"error": '*) echo BLOCK ;; # what could not be judged must not go out
    *'"action": "allow"'*) echo PASS ;;
    *'"action": "warn"'*) echo WARN ;;
    *'"rewrite": null'*) echo BLOCK ;;
    *) echo SWAP ;;
  esac
}

replylint check --input jsonl --format jsonl --exit-zero "$@" |
  while IFS= read -r answer; do
    printf '%s\t%s\n' "$(verdict "$answer")" "$answer"
  done
