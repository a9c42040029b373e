#!/usr/bin/env python3
"""What neurokit2 and hrv-analysis say of made-up NN intervals, for test/hrv/golden.json.

usage: hrv-golden.py > test/hrv/golden.json     (pip install neurokit2==0.2.13 hrv-analysis==1.0.5 scipy==1.17.1 nolds==0.5.2)

The intervals (whole milliseconds) come from a linear congruential generator, so that the test makes the same: a mean of 800
to 1000 ms, waves of 0.1 and 0.25 Hz, and noise. Frequency bands by Lomb: scipy's lombscargle on the same times, scaled to a
one-sided density (power A^2/2 for a sine of amplitude A), summed over the bands.
"""

import json
import math
import warnings

import hrvanalysis
import neurokit2 as nk
import numpy as np
from scipy.signal import lombscargle

warnings.simplefilter("ignore")


def intervals(seed, count):
    state = seed
    time = 0.0
    made = []
    for _ in range(count):
        state = (state * 48271) % 2147483647
        noise = state / 2147483647 - 0.5
        wave = 30 * math.sin(2 * math.pi * 0.1 * time) + 20 * math.sin(2 * math.pi * 0.25 * time)
        value = round(800 + 50 * (seed % 5) + wave + 40 * noise)
        made.append(value)
        time += value / 1000
    return np.array(made, dtype=float)


def lomb_bands(nn):
    times = np.cumsum(nn) / 1000
    values = nn - nn.mean()
    span = times[-1] - times[0]
    step = 1 / (4 * span)
    first = max(1, math.ceil(0.003 / step))
    last = math.floor(0.4 / step)
    hertz = np.arange(first, last + 1) * step
    power = lombscargle(times - times[0], values, 2 * math.pi * hertz)
    density = 2 * span * power / len(nn)
    band = lambda low, high: float(density[(hertz >= low) & (hertz < high)].sum() * step)
    return {"vlf": band(0.003, 0.04), "lf": band(0.04, 0.15), "hf": band(0.15, 0.4)}


rows = []
for seed, count in [(1, 300), (7, 375), (23, 400), (104, 330)]:
    nn = intervals(seed, count)
    aura = hrvanalysis.get_time_domain_features(nn.tolist())
    poincare = hrvanalysis.get_poincare_plot_features(nn.tolist())
    entropy, _ = nk.entropy_sample(nn, delay=1, dimension=2, tolerance=0.2 * np.std(nn, ddof=1))
    alpha, _ = nk.fractal_dfa(nn, scale=np.arange(4, 17), overlap=False)
    rows.append(
        {
            "seed": seed,
            "count": count,
            "sdnn": aura["sdnn"],
            "rmssd": aura["rmssd"],
            "sdsd": aura["sdsd"],
            "nn50": int(aura["nni_50"]),
            "sd1": poincare["sd1"],
            "sd2": poincare["sd2"],
            "triangularIndex": float(nk.hrv_time(nk.intervals_to_peaks(nn))["HRV_HTI"].iloc[0]),
            "sampleEntropy": float(entropy),
            "dfaAlpha1": float(alpha),
            "lomb": lomb_bands(nn),
        }
    )
print(json.dumps(rows, indent=2, default=float))
