#!/usr/bin/env bash
# make-venv.sh DIR LOCK...: a fresh virtual environment in DIR from hashed locks, with this project installed editable.
set -euo pipefail

usable() { # new enough, and able to make an environment with pip in it
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if usable "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  echo "No usable Python found. Needed: Python 3.11 or newer with the venv module" \
    "(on Debian: apt-get install python3-venv). Name another one with PYTHON=/path/to/python3." >&2
  return 1
}

dir=$1
shift
python=$(find_python)
echo "Making $dir with $("$python" --version) ..."
"$python" -m venv --clear "$dir"
for lock in "$@"; do
  "$dir/bin/python" -m pip install -qq --require-hashes -r "$lock"
done
"$dir/bin/python" -m pip install -qq --no-deps --no-build-isolation --editable .
