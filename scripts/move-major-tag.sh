#!/usr/bin/env bash
# move-major-tag.sh NAME@DIGEST: points v1 (of v1.2.3) at a commit like the released one, whose action.yml runs that
# image instead of building the Dockerfile. So users of @v1 wait for no build and run exactly the attested bytes.
# Reads GITHUB_REPOSITORY and GITHUB_REF_NAME; writes through the API, where GitHub signs the commit.
set -euo pipefail
cd "$(dirname "$0")/.."

image=$1
repo=repos/$GITHUB_REPOSITORY
major=${GITHUB_REF_NAME%%.*}
line="^  image: ['\"]?Dockerfile['\"]?\$"

if [[ $(grep -cE "$line" action.yml) != 1 ]]; then
  echo "action.yml should have exactly one line '  image: Dockerfile'." >&2
  exit 1
fi
pinned=$(sed -E "s|$line|  image: docker://$image|" action.yml)

tree=$(gh api "$repo/git/trees" --jq .sha -f base_tree="$(git rev-parse 'HEAD^{tree}')" \
  -f 'tree[][path]=action.yml' -f 'tree[][mode]=100644' -f 'tree[][type]=blob' -f "tree[][content]=$pinned"$'\n')
commit=$(gh api "$repo/git/commits" --jq .sha -f message="Release $GITHUB_REF_NAME with its image" \
  -f tree="$tree" -f "parents[]=$(git rev-parse HEAD)")

if gh api "$repo/git/ref/tags/$major" --silent 2>/dev/null; then
  gh api --method PATCH "$repo/git/refs/tags/$major" --silent -f sha="$commit" -F force=true
else
  gh api "$repo/git/refs" --silent -f ref="refs/tags/$major" -f sha="$commit"
fi
echo "$major is now $commit, which runs $image"
