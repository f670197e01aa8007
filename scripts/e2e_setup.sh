#!/usr/bin/env bash
# Installs what the end-to-end checks of chat servers and browsers need; whatever cannot be had is told, and its checks are
# skipped. Homeserver and proxy get environments of their own in .e2e/, since their pins do not go together.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${1:-.venv/bin/python}
home=${REPLYLINT_E2E_HOME:-.e2e}

missing() { echo "e2e: $*; its checks will be skipped" >&2; }

system=()
command -v chromium >/dev/null || system+=(chromium fonts-noto-cjk)
command -v prosody >/dev/null || system+=(prosody)
if [ ${#system[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${system[@]}" \
      >/dev/null || missing "could not install ${system[*]}"
  else
    missing "as root: apt-get install ${system[*]}"
  fi
fi

"$python" -m pip install -q --group e2e || missing "could not install the drivers (playwright, slixmpp)"

environment() {
  local name=$1 done=$home/$1/.ready
  shift
  [ -e "$done" ] && [ "$done" -nt pyproject.toml ] && return
  "$python" -m venv "$home/$name" && "$home/$name/bin/python" -m pip install -q "$@" && touch "$done" ||
    missing "could not install $name"
}
environment synapse matrix-synapse synapse-http-antispam -e .
environment litellm "litellm[proxy]"
