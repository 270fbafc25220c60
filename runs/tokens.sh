#!/usr/bin/env bash
# Motion tokens and poses: on a finished training only the tokenizer is trained, then what turns its latents into a body.
# With EARLIER, a folder of a model with tokens: this encoder learns to say their ids, and what reads these comes along.
# Usage: bash runs/tokens.sh DATA OUT [EARLIER]   (OUT of runs/shipped.sh)
set -euo pipefail
data=$1 out=$2 earlier=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
quantiser=tokens.tokenizer.quantiser loop=tokens.loop
changes=(--set tokens.bank=1000 --set tokens.tokenizer.width=128 --set $loop.batch=64 --set $loop.learning_rate=0.002 --set $loop.warmup=50
  --set $loop.ema=0.99 --set $loop.bf16=true --set $loop.checkpoint_every=500)
if [ -n "$earlier" ]; then
  changes+=(--set "tokens.follow='$earlier'" --set $loop.steps=4000)
else
  changes+=(--set $quantiser.books=4 --set $quantiser.codes=512 --set $quantiser.code_width=32 --set $loop.steps=1500)
fi
anywear train "$here/shipped.toml" --data "$data" -o "$out" --cache "$out/cache" "${changes[@]}"
if [ -z "$earlier" ]; then
  python -m anywear.train.pose "$here/shipped.toml" --data "$data" --model "$out/model" -o "$out/pose"
fi
