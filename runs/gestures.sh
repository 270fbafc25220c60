#!/usr/bin/env bash
# The encoder of gestures, and the same with one part of its training off.
# Usage: bash runs/gestures.sh DATA OUT [PART] [SEED]; parts: all (default), random-masks, no-masks, no-text, no-arm, masks-only, random-masks-only
set -euo pipefail
data=$1 out=$2 part=${3:-all} seed=${4:-0}
here=$(cd "$(dirname "$0")" && pwd)
changes=(--set loop.seed="$seed" --set gestures.masked.loop.seed="$seed")
case $part in
  all) ;;
  random-masks) changes+=(--set gestures.masked.nucleus=false) ;;
  no-masks) changes+=(--set gestures.masked.loop.steps=1) ;;
  no-text) changes+=(--set gestures.text_share=0.0) ;;
  no-arm) changes+=(--set gestures.episodes.arm=0.0) ;;
  masks-only) changes+=(--set loop.steps=1) ;;
  random-masks-only) changes+=(--set loop.steps=1 --set gestures.masked.nucleus=false) ;;
  *) echo "no such part: $part" >&2; exit 2 ;;
esac
anywear train "$here/gestures.toml" "${changes[@]}" "${@:5}" --data "$data" -o "$out/gestures-$part-$seed" --cache "$out/cache"
