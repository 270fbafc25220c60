#!/usr/bin/env bash
# The first model: three seeds of its configuration and of each left-one-out one, scored on what they never saw.
# Usage: bash runs/table.sh DATA OUT
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
for seed in 0 1 2; do
  for left_out in none dsads utd-mhad; do
    name=first-without-$left_out-seed$seed
    sed -e "s/^seed = .*/seed = $seed/" -e "/^$left_out = /d" "$here/first.toml" > "$out/$name.toml"
    anywear train "$out/$name.toml" --data "$data" -o "$out/$name"
    sets=$left_out
    if [ "$left_out" = none ]; then sets=usc-had,sisfall; fi
    anywear benchmark har --model "$out/$name/model" --data "$data" --sets "$sets" --json "$out/$name.json"
  done
done
