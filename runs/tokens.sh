#!/usr/bin/env bash
# The shipped motion tokens and poses: on a finished training only the tokenizer is trained, then what turns its latents into a body.
# Usage: bash runs/tokens.sh DATA OUT   (OUT of runs/shipped.sh)
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
quantiser=tokens.tokenizer.quantiser loop=tokens.loop
anywear train "$here/shipped.toml" --data "$data" -o "$out" --cache "$out/cache" --set tokens.bank=1000 --set tokens.tokenizer.width=128 \
  --set $quantiser.books=4 --set $quantiser.codes=512 --set $quantiser.code_width=32 --set $loop.steps=1500 --set $loop.batch=64 \
  --set $loop.learning_rate=0.002 --set $loop.warmup=50 --set $loop.ema=0.99 --set $loop.bf16=true --set $loop.checkpoint_every=500
python -m anywear.train.pose "$here/shipped.toml" --data "$data" --model "$out/model" -o "$out/pose"
