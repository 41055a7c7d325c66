#!/bin/sh
# Fuzzes the decoders' front and the API: scripts/fuzz.sh [SECONDS EACH]; 600 if left out.
# What breaks the decoders stays in build/findings. Needs atheris in the environment of $PYTHON; it isn't among the development requirements.
set -eu
seconds="${1:-600}"
python="${PYTHON:-.venv/bin/python}"
corpus="$(mktemp -d)"
mkdir -p build/findings
trap 'rm -rf "$corpus"' EXIT
"$python" tests/fuzz/decode_pictures.py -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
	-artifact_prefix=build/findings/ "$corpus/seeds"
"$python" tests/fuzz/api_requests.py "$seconds"
