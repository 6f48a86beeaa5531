#!/usr/bin/env bash
# Everything worth doing in eight minutes on a machine with a GPU and JAX, but no network and no TensorFlow.
#
#   benchmarks/gpu.sh prepare            here, with a network: faces, wheels and counts into build/gpu
#   benchmarks/gpu.sh run OUT [PART ...] there, with build/gpu brought along: figures and weights into OUT
#
# The parts run in order of value, each in a process of its own: a part that is done is not done again, one
# that was cut off goes on, one that fails stops no other. MINUTES (8) is what all may take. SMALL=1 tries
# everything in a size for a CPU.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python3}
gpu=build/gpu

prepare() {
  set -e
  "$python" benchmarks/gpu.py prepare "$gpu"
  [ "${SMALL:-}" ] || "$python" -m pip download --quiet --dest "$gpu/wheels" keras pillow tqdm pyyaml psutil
}

run() {
  out=$1; shift
  mkdir -p "$out"
  export KERAS_BACKEND=jax XLA_PYTHON_CLIENT_MEM_FRACTION=0.9
  "$python" -c 'import keras, PIL, tqdm, yaml, psutil' 2>/dev/null ||
    "$python" -m pip install --quiet --no-index --find-links "$gpu/wheels" keras pillow tqdm pyyaml psutil
  end=$((SECONDS + 60 * ${MINUTES:-8}))
  for part in ${@:-speed gan64 deconv5 gan128 deconv6}; do
    left=$((end - SECONDS))
    if [ -e "$out/$part.json" ]; then echo "$part: done before"; continue; fi
    if [ "$left" -lt 20 ]; then echo "$part: no time left"; continue; fi
    timeout --signal=INT --kill-after=20 "$left" "$python" benchmarks/gpu.py "$part" "$gpu" --out "$out" \
      --seconds "$((left - 15))" || echo "$part: ended with $?; what it has saved stays"
  done
}

case "${1:-}" in
  prepare) prepare ;;
  run) shift; run "$@" ;;
  *) sed -n '2,9p' "$0"; exit 2 ;;
esac
