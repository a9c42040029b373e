#!/usr/bin/env python3
"""Small FLAC files that libFLAC encodes, and what libsndfile reads from them, for test/recording/flac-golden.json.

usage: flac-golden.py > test/recording/flac-golden.json     (pip install soundfile==0.14.0 numpy)

The signals are chosen so that each way to code a frame comes up: constant, verbatim, fixed and linear prediction, shifted
samples, channels alone and as sums and differences, a short last block. Samples: int32, little endian, channel by channel.
"""

import base64
import hashlib
import io
import json

import numpy as np
import soundfile

rng = np.random.default_rng(20)
N = 1500
ramp = np.arange(N) % 251 - 125
walk = np.cumsum(rng.integers(-40, 41, N))
ecg = np.round(900 * np.exp(-(((np.arange(N) % 300) - 150) / 6.0) ** 2) + 30 * np.sin(np.arange(N) / 9))
wide = np.round(4e6 * np.sin(np.arange(N) / 40) + rng.normal(0, 900, N))

CASES = {
    "constant": ("PCM_S8", [np.full(N, -7)]),
    "eight bits": ("PCM_S8", [ramp]),
    "extremes": ("PCM_16", [np.tile([-32768, 32767], N // 2)]),
    "noise": ("PCM_16", [rng.integers(-32768, 32768, N)]),
    "heartbeats": ("PCM_16", [ecg]),
    "shifted": ("PCM_16", [walk * 16]),
    "left and side": ("PCM_16", [walk * 5, walk * 5 + rng.integers(-2, 3, N)]),
    "side and right": ("PCM_16", [walk * 5 + rng.integers(-2, 3, N), walk * 5]),
    "middle and side": ("PCM_16", [ecg + rng.integers(-90, 91, N), ecg + rng.integers(-90, 91, N)]),
    "twenty-four bits": ("PCM_24", [wide, wide + rng.integers(-9, 10, N)]),
    "noise of twenty-four bits": ("PCM_24", [rng.integers(-(2**23), 2**23, 400)]),
    "eight channels": ("PCM_16", [ecg + k * ramp for k in range(8)]),
}
BITS = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}


def encode(signals, subtype, level):
    samples = np.stack(signals, axis=1).astype("int64") << (32 - BITS[subtype])
    out = io.BytesIO()
    soundfile.write(out, samples.astype("int32"), 96000, subtype=subtype, format="FLAC", compression_level=level)
    return out.getvalue()


cases = []
for name, (subtype, signals) in CASES.items():
    for level in (0.0, 1.0):
        data = encode(signals, subtype, level)
        samples, _ = soundfile.read(io.BytesIO(data), dtype="int32", always_2d=True)
        stored = np.ascontiguousarray((samples >> (32 - BITS[subtype])).T, dtype="<i4")
        cases.append(
            {
                "name": f"{name}, level {level:g}",
                "bits": BITS[subtype],
                "sha256": [hashlib.sha256(channel.tobytes()).hexdigest() for channel in stored],
                "flac": base64.b64encode(data).decode(),
            }
        )
print(json.dumps({"libsndfile": soundfile.__libsndfile_version__, "cases": cases}, indent=0))
