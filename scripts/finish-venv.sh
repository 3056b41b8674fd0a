#!/bin/sh
# finish-venv.sh VENV DIR: drops what a running action never reads, then compiles the rest.
# The byte code is unchecked: Python loads it without a look at the source's time stamp, which image layers do not keep.
set -eu

packages=$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
find "$packages" \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) -delete
find "$packages" -type d -name tests -prune -exec rm -rf {} +
find "$1" "$2" -type d -name __pycache__ -prune -exec rm -rf {} +
"$1/bin/python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages" "$2"
