#!/usr/bin/env bash
# run.sh RECORDINGS [OUT]: convert the recordings and gate them; everything is written below OUT.
# RECORDINGS holds tau-airline-gpt4o.json, notes-agent-gemini-2.5-flash.json and
# notes-agent-gemini-3.1-flash-lite.json; README.md beside this file says where they come from.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
recordings=$(cd "$1" && pwd)
out=${2:-example-runs}
python=${PYTHON:-python3}
read -ra rubric_action <<<"${RUBRIC_ACTION:-rubric-action}"

gate() { # gate OPTIONS... --results DIR: a failing gate is a result here, so code 1 goes on
  echo "\$ rubric-action gate $*"
  "${rubric_action[@]}" gate "$@" || [ $? -eq 1 ]
  [ -f "${!#}/summary.json" ] || { echo "run.sh: the gate left no results in ${!#}" >&2; exit 3; }
  echo
}

mkdir -p "$out"
cd "$out"
"$python" "$here/tau_airline/convert.py" "$recordings/tau-airline-gpt4o.json" --out tau
cd tau
gate --mode baseline --outputs trial-0.jsonl --results base-0
for trial in 1 2 3; do # each trial against the one before, and against all before
  before=$((trial - 1))
  gate --baseline "base-$before" --outputs "trial-$trial.jsonl" --results "trial-$trial-after-$before"
  gate --mode baseline --outputs "trial-$trial.jsonl" --results "base-$trial"
done
gate --mode baseline --baseline base-0 --outputs trial-1.jsonl --results history-0-1
gate --mode baseline --baseline history-0-1 --outputs trial-2.jsonl --results history-0-1-2
gate --baseline history-0-1-2 --outputs trial-3.jsonl --results trial-3-after-0-1-2
"$python" "$here/agreement.py" trial-0.jsonl base-0 trial-1.jsonl base-1 trial-2.jsonl base-2 trial-3.jsonl base-3
"$python" "$here/tally.py" base-0 trial-1-after-0 trial-2-after-1 trial-3-after-2 trial-3-after-0-1-2
cd ..

"$python" "$here/notes_model_swap/convert.py" "$recordings/notes-agent-gemini-2.5-flash.json" \
  "$recordings/notes-agent-gemini-3.1-flash-lite.json" --out notes
cd notes
gate --mode baseline --results flash
gate --baseline flash --outputs gemini-3.1-flash-lite.jsonl --results flash-lite
"$python" "$here/agreement.py" gemini-2.5-flash.jsonl flash gemini-3.1-flash-lite.jsonl flash-lite
"$python" "$here/tally.py" flash flash-lite
