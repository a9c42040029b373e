#!/usr/bin/env python3
"""Digests of what `pyedflib` reads from the files of the dataset edf, for test/recording/edf/golden.json.

usage: edf-golden.py DATASETS_FOLDER > test/recording/edf/golden.json     (pip install pyedflib==0.1.42)

For each signal: its label, samples a second, and the SHA-256 of its digital samples (int32, little endian). A file that
pyedflib does not read is told on standard error and left out.
"""

import hashlib
import json
import os
import sys

import numpy as np
import pyedflib

files = {}
folder = os.path.join(sys.argv[1], "edf")
for name in sorted(os.listdir(folder)):
    if not name.endswith((".edf", ".bdf")):
        continue
    try:
        with pyedflib.EdfReader(os.path.join(folder, name), check_file_size=pyedflib.DO_NOT_CHECK_FILE_SIZE) as file:
            signals = []
            for k in range(file.signals_in_file):
                samples = np.ascontiguousarray(file.readSignal(k, digital=True), dtype="<i4")
                rate = float(file.getSampleFrequency(k))
                signals.append([file.getLabel(k), rate, len(samples), hashlib.sha256(samples.tobytes()).hexdigest()])
            files[name] = signals
    except Exception as error:  # told, and left out
        print(f"{name}: {type(error).__name__}: {str(error)[:160]}", file=sys.stderr)
json.dump({"pyedflib": pyedflib.__version__, "files": files}, sys.stdout, indent=0)
print()
