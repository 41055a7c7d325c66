#!/bin/sh
# Pin every dependency with hashes, for every platform at once. Needs uv; names no registry.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header "$@"
}
compile pyproject.toml -o requirements/runtime.txt
compile --group build -c requirements/runtime.txt -o requirements/build.txt
# What the extra postgresql adds, for images that bring it along.
compile pyproject.toml --extra postgresql -c requirements/runtime.txt -o requirements/postgresql.txt
compile pyproject.toml --group build --group test --group lint \
    -c requirements/runtime.txt -c requirements/build.txt -o requirements/dev.txt
# What builds the compiled scan (native/).
printf '%s\n' 'scikit-build-core>=0.11' 'cmake>=3.26' 'ninja>=1.11' \
    | compile - -c requirements/build.txt -o requirements/native.txt
