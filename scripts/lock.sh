#!/usr/bin/env bash
# lock.sh UV: writes requirements/*.txt from pyproject.toml with that release of uv, for every supported Python.
# Versions that are newer than a week stay out: a package that was tampered with is mostly found within days.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=.cache/lock
[[ -x $tools/bin/uv ]] || python3 -m venv "$tools"
"$tools/bin/python" -m pip install -qq "$1"

compile() { # compile LOCK OPTION...
  "$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --no-header \
    --no-emit-index-url --no-emit-find-links --exclude-newer '7 days' \
    --output-file "requirements/$1.txt" "${@:2}"
  echo "requirements/$1.txt: $(grep -c == "requirements/$1.txt") packages"
}

compile runtime pyproject.toml
compile build --group build --constraint requirements/runtime.txt
compile dev pyproject.toml --group dev --constraint requirements/runtime.txt
