#!/usr/bin/env bash
# Deletes images as a careful person does with curl and jq: reads every manifest, computes the content that the kept tags
# need, deletes the rest of the images, and checks once that this content is gone and the kept tags are whole. Eight
# transfers at a time.
# Arguments: URL, repository, regular expression of the tags to delete. Environment: CA and LOGIN (user:password).
set -euo pipefail
url="$1/v2/$2" deleted="$3"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
accept='Accept: application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'

# Reads "output path" lines from standard input; the arguments are options for all of them. Prints the status of each.
transfer() {
  awk -v url="$url" '{ print "url = \"" url "/" $2 "\""; print "output = \"" $1 "\"" }' > config
  grep -c '^url' config >> counts || true
  [ -s config ] || return 0
  curl -sS -Z --parallel-max 8 --cacert "$CA" -u "$LOGIN" -H "$accept" -w '%{http_code} %{url}\n' "$@" -K config
}
# Prints the digests of all configs and layers of the manifest files that standard input names.
blobs() { xargs -r cat | jq -r '(.config.digest // empty), (.layers[]?.digest)' | sort -u; }
digest() { sha256sum "$1" | sed 's/ .*//; s/^/sha256:/'; }

echo "list tags/list" | transfer > /dev/null
jq -r '.tags[]' list | sort > tags
grep -E "$deleted" tags > gone-tags
grep -vE "$deleted" tags > kept-tags
mkdir m d
sed 's#.*#m/& manifests/&#' tags | transfer > /dev/null

# Indexes point to further manifests.
sed 's#^#m/#' tags | xargs cat | jq -r '.manifests[]?.digest' | sort -u > children
sed 's#.*#d/& manifests/&#' children | transfer > /dev/null
roots() { while read -r tag; do digest "m/$tag"; done < "$1" | sort -u; }
below() { sed 's#^#m/#' "$1" | xargs cat | jq -r '.manifests[]?.digest' | sort -u; }
{ roots kept-tags; below kept-tags; } | sort -u > kept-manifests
{ roots gone-tags; below gone-tags; } | sort -u | comm -23 - kept-manifests > gone-manifests
{ sed 's#^#m/#' kept-tags; below kept-tags | sed 's#^#d/#'; } | blobs > kept-blobs
{ sed 's#^#m/#' gone-tags; below gone-tags | sed 's#^#d/#'; } | blobs | comm -23 - kept-blobs > gone-blobs

sed 's#.*#/dev/null manifests/&#' gone-tags | transfer -X DELETE > /dev/null
sed 's#.*#/dev/null manifests/&#' gone-manifests | transfer -X DELETE > /dev/null
sed 's#.*#/dev/null blobs/&#' gone-blobs | transfer -X DELETE > /dev/null

{ sed 's#.*#/dev/null manifests/&#' gone-tags gone-manifests; sed 's#.*#/dev/null blobs/&#' gone-blobs; } |
  transfer | grep -v '^404 ' >&2 || true
sed 's#.*#/dev/null manifests/&#' kept-tags | transfer | grep -v '^200 ' >&2 || true
sed 's#.*#/dev/null blobs/&#' kept-blobs | transfer -I | grep -v '^200 ' >&2 || true
echo "{\"requests\":$(awk '{ sum += $1 } END { print sum }' counts)}"
