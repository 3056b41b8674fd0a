#!/usr/bin/env bash
# lint.sh BIN: runs every linter found in BIN, all of them even when one complains, and fails if any did.
set -uo pipefail
cd "$(dirname "$0")/.."

bin=$1
failed=()

run() { # run NAME COMMAND...: quiet when clean, the linter's whole word when not
  local name=$1 output started=$SECONDS
  shift
  if output=$("$@" 2>&1); then
    printf '  ok    %-22s %3d s\n' "$name" $((SECONDS - started))
  else
    printf '  FAIL  %s\n%s\n' "$name" "$output"
    failed+=("$name")
  fi
}

schema() { # schema NAME FILE...: check-jsonschema with a schema that it ships
  run "schema $1" "$bin/check-jsonschema" --builtin-schema "vendor.$1" "${@:2}"
}

parse_scripts() {
  local script
  for script in "${scripts[@]}"; do
    bash -n "$script" || return
  done
}

mapfile -t markdown < <(git ls-files --cached --others --exclude-standard -- '*.md' ':!tests' ':!rubric_action/demo')
mapfile -t scripts < <(find scripts .ci -type f | sort)
shopt -s nullglob

run "ruff format" "$bin/ruff" format --check
run "ruff check" "$bin/ruff" check
run mypy "$bin/mypy"
run yamllint "$bin/yamllint" --strict .
run "zizmor" "$bin/zizmor" --offline --quiet --persona=pedantic --strict-collection .
run hadolint "$bin/hadolint" Dockerfile
schema github-actions action.yml
schema github-workflows .github/workflows/*.yml examples/workflows/*.yml
schema dependabot .github/dependabot.yml
schema github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
schema github-issue-config .github/ISSUE_TEMPLATE/config.yml
run pymarkdown "$bin/pymarkdown" --strict-config scan "${markdown[@]}"
run "shell syntax" parse_scripts

if ((${#failed[@]})); then
  echo "Failed: ${failed[*]}"
  exit 1
fi
