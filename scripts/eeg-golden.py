#!/usr/bin/env python3
"""What scipy.signal.welch says of EEG, made-up and recorded, for test/eeg/golden.json.

usage: eeg-golden.py DATASETS_FOLDER > test/eeg/golden.json     (pip install scipy==1.17.1 pyedflib==0.1.42)

`cases`: ten seconds of microvolts from a linear congruential generator and sines, so that the test makes the same.
`recorded`: the first minute of two electrode pairs of edf/short_psg.edf, 100 Hz, as pyedflib reads them, each ten seconds.
Segments of two seconds, all other options as welch has them. Bands by the sum of the bins at or above their lower and below their upper limit.
The spectral edge by linear interpolation of the cumulated power of the bins from 0.5 to below 30 Hz, each spread evenly over its width.
"""

import json
import math
import os
import sys

import numpy as np
import pyedflib
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


def numbers(samples, fs):
    frequencies, density = welch(samples, fs, nperseg=round(2 * fs))
    width = frequencies[1]
    powers = {name: float(density[(frequencies >= low) & (frequencies < high)].sum() * width) for name, (low, high) in BANDS.items()}
    inside = (frequencies >= 0.5) & (frequencies < 30)
    centres = frequencies[inside]
    edges = np.append(centres - width / 2, centres[-1] + width / 2)
    cumulated = np.append(0, np.cumsum(density[inside]))
    edge = float(np.interp(0.95 * cumulated[-1], cumulated, edges))
    return {"powers": powers, "edge": edge}


cases = [{"fs": fs, "seed": seed, **numbers(signal(fs, seed), fs)} for fs, seed in ((100, 11), (160, 12), (250, 13), (256, 14), (499.5, 15))]
recorded = {}
with pyedflib.EdfReader(os.path.join(sys.argv[1], "edf", "short_psg.edf"), check_file_size=pyedflib.DO_NOT_CHECK_FILE_SIZE) as file:
    for k in (0, 1):
        samples = file.readSignal(k)
        recorded[file.getLabel(k)] = [numbers(samples[from_ : from_ + 1000], 100) for from_ in range(0, 6000, 1000)]
print(json.dumps({"scipy": scipy.__version__, "pyedflib": pyedflib.__version__, "cases": cases, "recorded": recorded}, indent=2))
