#!/usr/bin/env bash
# The shipped language model: four trainings, each from the averaged weights of the one before; the first begins with words alone.
# Three hours on one core, once the moments are made. Usage: bash runs/language.sh DATA MODEL OUT
set -euo pipefail
data=$1 model=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
train() { python -m anywear.train.language_run "$here/language.toml" --data "$data" --model "$model" --cache "$out/cache" "$@"; }
# The first three saw each motion a few times only, always where it is liveliest.
few=(--set moments.views=3 --set "moments.lively=[3]" --set real_views=2 --set rounds=3 --set loop.seed=0)
train -o "$out/first" "${few[@]}" --set objectives.everyday=0 --set objectives.sets.uhh-gestures=0.15 --set objectives.sets.imu-digits=0.1 \
  --set loop.steps=2200 --set loop.learning_rate=1.5e-3 --set loop.ema=0.995
# As shipped, the second was broken off after 600 of 7,000 steps, at nearly its full rate; here it is planned for 600.
train -o "$out/second" --start "$out/first" "${few[@]}" --set loop.steps=600
train -o "$out/third" --start "$out/second" "${few[@]}" --set loop.steps=4500
train -o "$out/language" --start "$out/third"
