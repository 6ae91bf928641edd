#!/usr/bin/env bash
# Does the same as keep-set.sh with regctl, eight commands at a time.
# Arguments: regctl, host, repository, regular expression of the tags to delete. Environment: REGCTL_CONFIG.
set -euo pipefail
regctl="$1" name="$2/$3" deleted="$4"
export regctl name
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir m d
# Runs a command for each line of standard input, with the line in place of {}.
all() { xargs -r -P 8 -I{} bash -c "$1"; }
blobs() { xargs -r cat | jq -r '(.config.digest // empty), (.layers[]?.digest)' | sort -u; }

"$regctl" tag ls "$name" | sort > tags
grep -E "$deleted" tags > gone-tags
grep -vE "$deleted" tags > kept-tags
all '"$regctl" manifest get --format raw-body "$name:{}" > "m/{}"' < tags
sed 's#^#m/#' tags | xargs cat | jq -r '.manifests[]?.digest' | sort -u > children
all '"$regctl" manifest get --format raw-body "$name@{}" > "d/{}"' < children
roots() { while read -r tag; do sha256sum "m/$tag" | sed 's/ .*//; s/^/sha256:/'; done < "$1" | sort -u; }
below() { sed 's#^#m/#' "$1" | xargs cat | jq -r '.manifests[]?.digest' | sort -u; }
{ roots kept-tags; below kept-tags; } | sort -u > kept-manifests
{ roots gone-tags; below gone-tags; } | sort -u | comm -23 - kept-manifests > gone-manifests
{ sed 's#^#m/#' kept-tags; below kept-tags | sed 's#^#d/#'; } | blobs > kept-blobs
{ sed 's#^#m/#' gone-tags; below gone-tags | sed 's#^#d/#'; } | blobs | comm -23 - kept-blobs > gone-blobs

all '"$regctl" tag delete "$name:{}" || true' < gone-tags 2> /dev/null
all '"$regctl" manifest delete "$name@{}" || true' < gone-manifests 2> /dev/null
all '"$regctl" blob delete "$name" {} || true' < gone-blobs 2> /dev/null
all '"$regctl" manifest head "$name@{}" && echo "{} is still there" || true' < gone-manifests 2> /dev/null
all '"$regctl" manifest head "$name:{}" > /dev/null' < kept-tags
echo '{}'
