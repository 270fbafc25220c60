#!/usr/bin/env bash
# Make the shipped model: build the corpus, generate, train, calibrate, export; with --install copy it into the package.
# Usage: bash runs/shipped.sh DATA OUT [--install]
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
anywear train "$here/shipped.toml" --data "$data" -o "$out" --cache "$out/cache"
if [ "${3:-}" = --install ]; then
  python -m anywear.train.export "$out/model"
fi
