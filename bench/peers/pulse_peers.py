"""Pulse detectors from PyPI, each with its defaults: `pulse_peers.py NAME` answers frames, `pulse_peers.py --list` names them with versions.

Frames are those of frames.py; the samples found are systolic peaks. Every detector gets the whole recording at once, as stored, blood
up; none of them is causal here.
"""

import sys
import warnings

from frames import serve

warnings.filterwarnings("ignore")


def neurokit(method):
    def detect(signal, fs):
        import neurokit2

        cleaned = neurokit2.ppg_clean(signal, sampling_rate=fs, method="elgendi")
        # Method "charlton" wants a whole number; 124.945 for 125 Hz is within what it can tell.
        return neurokit2.ppg_findpeaks(cleaned, sampling_rate=round(fs), method=method)["PPG_Peaks"]

    return detect


# The scalogram of method "bishop" grows with the square of the samples; NeuroKit2 means it for some 6 s at 100 Hz.
BISHOP_HZ = 50.0
BISHOP_SECONDS = 6.0
BISHOP_MARGIN_SECONDS = 1.0


def neurokit_bishop(signal, fs):
    """In overlapping windows at 50 Hz, of which all but the margins is taken; places to 20 ms."""
    import neurokit2
    import numpy as np

    cleaned = neurokit2.ppg_clean(signal, sampling_rate=fs, method="elgendi")
    seconds = len(cleaned) / fs
    grid = np.arange(0, seconds, 1 / BISHOP_HZ)
    coarse = np.interp(grid, np.arange(len(cleaned)) / fs, cleaned)
    size = int(BISHOP_SECONDS * BISHOP_HZ)
    margin = int(BISHOP_MARGIN_SECONDS * BISHOP_HZ)
    found = []
    for start in range(0, max(1, len(coarse) - size + 1), size - 2 * margin):
        peaks = neurokit2.ppg_findpeaks(coarse[start : start + size], sampling_rate=BISHOP_HZ, method="bishop")["PPG_Peaks"]
        found.extend(start + peak for peak in peaks if margin <= peak < size - margin)
    return np.array(found, dtype=float) / BISHOP_HZ * fs


def heartpy(filtered):
    def detect(signal, fs):
        import heartpy

        if filtered:
            # As the package's documentation filters a noisy pulse wave.
            signal = heartpy.filter_signal(signal, cutoff=[0.7, 3.5], sample_rate=fs, order=3, filtertype="bandpass")
        working, _ = heartpy.process(signal, sample_rate=fs)
        return working["peaklist"]

    return detect


def biosppy(signal, fs):
    from biosppy.signals.ppg import ppg

    return ppg(signal, sampling_rate=fs, show=False)["peaks"]


DETECTORS = {
    "neurokit2-elgendi": neurokit("elgendi"),
    "neurokit2-charlton": neurokit("charlton"),
    "neurokit2-bishop": neurokit_bishop,
    "heartpy": heartpy(filtered=False),
    "heartpy-bandpass": heartpy(filtered=True),
    "biosppy": biosppy,
}


def versions():
    from importlib.metadata import version

    return {name: version(name.split("-")[0]) for name in DETECTORS}


def answering(detect):
    """A recording that a package gives up on, as with BadSignalWarning of HeartPy, has no pulses; the reason goes to standard error."""

    def answer(signal, fs):
        try:
            return detect(signal, fs)
        except (ValueError, IndexError, UserWarning) as error:
            reason = next((line for line in str(error).split("\n") if line.strip("- ")), type(error).__name__)
            print("gave up:", type(error).__name__, reason, file=sys.stderr)
            return []

    return answer


def load(name):
    """Imports the package first: that is no part of the time of detection."""
    from importlib import import_module

    package = name.split("-")[0]
    import_module("biosppy.signals.ppg" if package == "biosppy" else package)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] == "--list":
        for name, version in versions().items():
            print(name, version)
    elif len(sys.argv) == 2 and sys.argv[1] in DETECTORS:
        load(sys.argv[1])
        serve(answering(DETECTORS[sys.argv[1]]))
    else:
        sys.exit("usage: pulse_peers.py --list | NAME; accepted: " + ", ".join(DETECTORS))
