#!/usr/bin/env bash
# Make the first model, from real recordings alone: train, calibrate, export; with --install copy it into the package.
# Usage: bash runs/first.sh DATA OUT [--install]
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
anywear train "$here/first.toml" --data "$data" -o "$out"
if [ "${3:-}" = --install ]; then
  python -m anywear.train.export "$out/model"
fi
