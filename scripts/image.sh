#!/usr/bin/env bash
# image.sh build | test: builds the action's image; `test` then runs it as GitHub's runner would.
# CONTAINER_ENGINE names the engine (docker or podman), IMAGE_DOCKERFILE and IMAGE_BUILD_FLAGS adapt the build to a machine.
set -euo pipefail
cd "$(dirname "$0")/.."

image=rubric-action:test

find_engine() {
  if [[ -n ${CONTAINER_ENGINE:-} ]]; then
    echo "$CONTAINER_ENGINE"
  elif docker info >/dev/null 2>&1; then
    echo docker
  elif command -v podman >/dev/null; then
    echo podman
  else
    echo "No container engine: neither a docker daemon nor podman answers. Start or install one, or set CONTAINER_ENGINE." >&2
    return 1
  fi
}

build() {
  local flags started=$SECONDS
  read -ra flags <<<"${IMAGE_BUILD_FLAGS:-}"
  echo "Building $image with $engine ..."
  "$engine" build --quiet "${flags[@]}" --file "${IMAGE_DOCKERFILE:-Dockerfile}" --tag "$image" . >/dev/null
  echo "Built in $((SECONDS - started)) s: $(megabytes "$("$engine" image inspect --format '{{.Size}}' "$image")") in all," \
    "$(megabytes "$(own_bytes)") over the base image."
}

megabytes() {
  echo "$(($1 / 1000000)) MB"
}

own_bytes() { # what the image adds to its base
  "$engine" run --rm --entrypoint du "$image" --summarize --block-size=1 --total /opt | awk 'END { print $1 }'
}

engine=$(find_engine)
build
if [[ ${1:-} == test ]]; then
  CONTAINER_ENGINE=$engine RUBRIC_IMAGE=$image .venv/bin/python -m pytest -m image -rP tests/image
fi
