#!/usr/bin/env bash
# One part of the training switched off (or on): a shorter training without dsads and utd-mhad, scored on four sets it never saw,
# the mount unknown.
# Usage: bash runs/ablation.sh DATA OUT PART [SEED]; "all" as PART runs every part
set -euo pipefail
data=$1 out=$2 part=$3 seed=${4:-0}
here=$(cd "$(dirname "$0")" && pwd)
parts="full no-pairs no-hidden no-nucleus no-geometry no-mount no-everyday no-generator no-mocap no-recordings no-sentences no-contrary no-slow pretrained text-tuned"
if [ "$part" = all ]; then
  for each in $parts; do bash "$0" "$data" "$out" "$each" "$seed"; done
  exit
fi
changes=(--set loop.seed="$seed" --set loop.steps=400 --set sets.dsads=0 --set sets.utd-mhad=0)
case $part in
  full) ;;
  no-pairs) changes+=(--set augment.paired=0.0 --set pair_weight=0.0) ;;
  no-hidden) changes+=(--set augment.hidden=0.0) ;;
  no-nucleus) changes+=(--set augment.nucleus=0.0) ;;
  no-geometry) changes+=(--set augment.no_place=1.0) ;;
  no-mount) changes+=(--set "augment.mount_told=[1.0, 0.0, 0.0, 0.0]") ;;
  no-everyday) changes+=(--set synthetic.everyday=0.0) ;;
  no-generator) changes+=(--set sets.simulated=0 --set sets.captured=1.0) ;;
  no-mocap) changes+=(--set sets.captured=0) ;;
  no-recordings) changes+=(--set sets.sp-sw-har=0 --set sets.imu-digits=0 --set sets.uhh-gestures=0) ;;
  no-sentences) changes+=(--set sentence_weight=0.0) ;;
  no-contrary) changes+=(--set contrary=false) ;;
  no-slow) changes+=(--set augment.slow=0.0) ;;
  pretrained) changes+=(--set pretrain.loop.steps=400 --set pretrain.loop.batch=192 --set pretrain.loop.threads=1) ;;
  text-tuned) changes+=(--set text_layers=1) ;;
  *) echo "no such part: $part (known: $parts)" >&2; exit 2 ;;
esac
name=ablation-$part-$seed
mkdir -p "$out"
anywear train "$here/shipped.toml" "${changes[@]}" --data "$data" -o "$out/$name" --cache "$out/cache"
told=yes
if [ "$part" = no-geometry ]; then told=no; fi  # what it was never told in training it is not told now
anywear benchmark har --model "$out/$name/model" --data "$data" --sets usc-had,sisfall,dsads,utd-mhad --placement-known $told \
  --by text --hubs off --mount unknown --quiet --json "$out/$name-mount-unknown.json"
