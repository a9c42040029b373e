#!/usr/bin/env python3
"""What scipy.signal.welch says of made-up EEG, for test/eeg/golden.json.

usage: eeg-golden.py > test/eeg/golden.json     (pip install scipy==1.17.1)

Ten seconds of microvolts from a linear congruential generator and sines, so that the test makes the same. Segments of two
seconds, all other options as welch has them; bands by the sum of the bins at or above their lower and below their upper limit.
"""

import json
import math

import numpy as np
import scipy
from scipy.signal import welch

BANDS = {"delta": (0.5, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 30), "gamma": (30, 45)}


def signal(fs, seed):
    state = seed
    made = []
    for i in range(round(10 * fs)):
        state = (state * 48271) % 2147483647
        noise = 20 * (state / 2147483647 - 0.5)
        t = i / fs
        made.append(noise + 15 * math.sin(2 * math.pi * 2.3 * t) + 25 * math.sin(2 * math.pi * 10.4 * t) + 6 * math.sin(2 * math.pi * 21 * t) + 40)
    return np.array(made)


cases = []
for fs, seed in ((100, 11), (160, 12), (250, 13), (256, 14), (499.5, 15)):
    frequencies, density = welch(signal(fs, seed), fs, nperseg=round(2 * fs))
    width = frequencies[1]
    powers = {name: float(density[(frequencies >= low) & (frequencies < high)].sum() * width) for name, (low, high) in BANDS.items()}
    cases.append({"fs": fs, "seed": seed, "powers": powers})
print(json.dumps({"scipy": scipy.__version__, "cases": cases}, indent=2))
