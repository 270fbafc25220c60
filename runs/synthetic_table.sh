#!/usr/bin/env bash
# What simulated signals alone teach: captured motion, generated motion, both; scored on real sets that none of them saw.
# Usage: bash runs/synthetic_table.sh DATA OUT [SEEDS]
set -euo pipefail
data=$1 out=$2 seeds=${3:-0}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
for seed in $seeds; do
  for row in captured generated both; do
    name=$row-seed$seed
    case $row in
      captured) change='/^simulated = 1.0/d; /^\[held_out\]/,/^$/d; s/^captured = .*/captured = 1.0/' ;;
      generated) change='/^captured = /d' ;;
      both) change='' ;;
    esac
    sed -e "s/^seed = .*/seed = $seed/" -e "$change" "$here/synthetic.toml" > "$out/$name.toml"
    anywear train "$out/$name.toml" --data "$data" -o "$out/$name" --cache "$out/cache"
    for known in no yes; do
      anywear benchmark har --model "$out/$name/model" --data "$data" --sets usc-had,sisfall,dsads,utd-mhad \
        --mount-known $known --json "$out/$name-mount-known-$known.json"
    done
  done
done
