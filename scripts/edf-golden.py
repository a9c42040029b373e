#!/usr/bin/env python3
"""Digests of what `pyedflib`, or where it refuses `mne`, reads from the files of the dataset edf, for test/recording/edf/golden.json.

usage: edf-golden.py DATASETS_FOLDER > test/recording/edf/golden.json     (pip install pyedflib==0.1.42 mne==1.13.2)

For each signal: its label, samples a second, and the SHA-256 of its digital samples (int32, little endian), and the annotations (duration -1: none). `mne` gives
volts, of which the ranges of the header make the digital samples again; annotations in single bytes (`latin1`) are what lets it
read files that a transfer as text has changed. A file that neither reads is told on standard error and left out.
"""

import hashlib
import json
import os
import sys

import mne
import numpy as np
import pyedflib

mne.set_log_level("ERROR")


def digest(samples):
    return hashlib.sha256(np.ascontiguousarray(samples, dtype="<i4").tobytes()).hexdigest()


def by_pyedflib(path):
    with pyedflib.EdfReader(path, check_file_size=pyedflib.DO_NOT_CHECK_FILE_SIZE) as file:
        signals = []
        for k in range(file.signals_in_file):
            samples = file.readSignal(k, digital=True)
            signals.append([file.getLabel(k), float(file.getSampleFrequency(k)), len(samples), digest(samples)])
        onsets, durations, texts = file.readAnnotations()
        notes = [[float(onset), float(duration), str(text)] for onset, duration, text in zip(onsets, durations, texts)]
        return signals, notes


def ranges(path):
    """Physical and digital minimum and maximum of each signal, by its label."""
    with open(path, "rb") as file:
        head = file.read(256)
        count = int(head[252:256])
        table = file.read(256 * count)

    def column(before, size):
        return [table[count * before + k * size : count * before + (k + 1) * size].decode("latin1").strip() for k in range(count)]

    return {label: tuple(map(float, row)) for label, *row in zip(column(0, 16), column(104, 8), column(112, 8), column(120, 8), column(128, 8))}


def by_mne(path):
    raw = mne.io.read_raw_edf(path, preload=True, encoding="latin1")
    limits = ranges(path)
    signals = []
    for name, volts in zip(raw.ch_names, raw.get_data()):
        physical_low, physical_high, low, high = limits[name]
        exact = (volts * 1e6 - physical_low) * (high - low) / (physical_high - physical_low) + low
        samples = np.rint(exact)
        assert np.abs(exact - samples).max() < 1e-6, (path, name)
        signals.append([name, float(raw.info["sfreq"]), len(samples), digest(samples)])
    return signals


files, notes, mne_files = {}, {}, {}
folder = os.path.join(sys.argv[1], "edf")
for name in sorted(os.listdir(folder)):
    if not name.endswith((".edf", ".bdf")):
        continue
    try:
        files[name], notes[name] = by_pyedflib(os.path.join(folder, name))
    except Exception as refused:
        try:
            mne_files[name] = by_mne(os.path.join(folder, name))
        except Exception as error:  # told, and left out
            print(f"{name}: {refused}; {type(error).__name__}: {str(error)[:160]}", file=sys.stderr)
golden = {"pyedflib": pyedflib.__version__, "mne": mne.__version__, "files": files, "notes": notes, "mneFiles": mne_files}
json.dump(golden, sys.stdout, indent=0)
print()
