#!/usr/bin/env bash
# One row of the zero-shot table and one seed: train, and score on sets that the model never saw, the mount told and not.
#   shipped    the shipped configuration; scored on usc-had and sisfall
#   unseen     without dsads and utd-mhad; scored on all four, and on every basis (bases-SEED.json)
#   simulated  simulated signals alone;  generated, captured: each of their two sources alone
#   stgcn      as unseen, with the graph convolution of AnyMo as encoder (width 16, batches of 64 and 1,200 steps: it is slow on a CPU)
# Usage: bash runs/zero_shot.sh DATA OUT ROW SEED
set -euo pipefail
data=$1 out=$2 row=$3 seed=$4
here=$(cd "$(dirname "$0")" && pwd)
config=$here/shipped.toml sets=usc-had,sisfall,dsads,utd-mhad
changes=(--set loop.seed="$seed")
case $row in
  shipped) sets=usc-had,sisfall ;;
  unseen) changes+=(--set sets.dsads=0 --set sets.utd-mhad=0) ;;
  stgcn) changes+=(--set sets.dsads=0 --set sets.utd-mhad=0 --set encoder.kind='"stgcn"' --set encoder.width=16 --set loop.batch=64 --set loop.steps=1200 --set loop.bf16=true) ;;
  simulated) config=$here/synthetic.toml ;;
  generated) config=$here/synthetic.toml; changes+=(--set sets.captured=0) ;;
  captured) config=$here/synthetic.toml; changes+=(--set sets.simulated=0 --set sets.captured=1.0) ;;
  *) echo "no such row: $row" >&2; exit 2 ;;
esac
name=$row-$seed
mkdir -p "$out"
anywear train "$config" "${changes[@]}" --data "$data" -o "$out/$name" --cache "$out/cache"
for known in documented read-off unknown; do
  anywear benchmark har --model "$out/$name/model" --data "$data" --sets "$sets" --by text --hubs off --mount $known --quiet \
    --json "$out/$name-mount-$known.json"
done
if [ "$row" = unseen ]; then
  anywear benchmark bases --model "$out/$name/model" --data "$data" --sets "$sets" --quiet --json "$out/bases-$seed.json"
fi
