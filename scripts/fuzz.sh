#!/bin/sh
# Fuzzes the decoders' front, what is made of a document's lines, and the API: scripts/fuzz.sh [SECONDS EACH]; 600
# if left out. What breaks one stays in build/findings. Needs atheris in the environment of $PYTHON; it isn't
# among the development requirements.
set -eu
seconds="${1:-600}"
python="${PYTHON:-.venv/bin/python}"
corpus="$(mktemp -d)"
mkdir -p build/findings
trap 'rm -rf "$corpus"' EXIT
for target in decode_pictures decode_videos read_zones; do
	"$python" "tests/fuzz/$target.py" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
		-artifact_prefix="build/findings/$target-" "$corpus/$target"
done
"$python" tests/fuzz/api_requests.py "$seconds"
