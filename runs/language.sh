#!/usr/bin/env bash
# The language model: four trainings, each from the averaged weights of the one before; the first begins with words alone.
# Three hours on one core, once the moments are made. With EARLIER, the folder of a model with a language model whose ids MODEL says
# (runs/tokens.sh): one short training goes on from its weights. Either ends in MODEL, whose background and calibrations then know it.
# Usage: bash runs/language.sh DATA MODEL OUT [EARLIER]
set -euo pipefail
data=$1 model=$2 out=$3 earlier=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
join() {
  cp "$out"/language/model/language* "$model"/
  python -m anywear.train.background "$here/shipped.toml" --data "$data" --model "$model" --cache "$out/cache"
}
train() { python -m anywear.train.language_run "$here/language.toml" --data "$data" --model "$model" --cache "$out/cache" "$@"; }
if [ -n "$earlier" ]; then
  train -o "$out/language" --start "$earlier" --set moments.views=6 --set real_views=10 --set rounds=3 --set loop.steps=3000 \
    --set loop.learning_rate=8e-4 --set loop.seed=10
  join
  exit
fi
# The first three saw each motion a few times only, always where it is liveliest.
few=(--set moments.views=3 --set "moments.lively=[3]" --set real_views=2 --set rounds=3 --set loop.seed=0)
train -o "$out/first" "${few[@]}" --set objectives.everyday=0 --set objectives.sets.uhh-gestures=0.15 --set objectives.sets.imu-digits=0.1 \
  --set loop.steps=2200 --set loop.learning_rate=1.5e-3 --set loop.ema=0.995
# As shipped, the second was broken off after 600 of 7,000 steps, at nearly its full rate; here it is planned for 600.
train -o "$out/second" --start "$out/first" "${few[@]}" --set loop.steps=600
train -o "$out/third" --start "$out/second" "${few[@]}" --set loop.steps=4500
train -o "$out/language" --start "$out/third"
join
