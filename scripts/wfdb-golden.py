#!/usr/bin/env python3
"""Digests of what the `wfdb` package reads, for test/recording/golden.json.

usage: wfdb-golden.py DATASETS_FOLDER > test/recording/golden.json

records: for each record `d`, the SHA-256 per signal of its digital samples (int32, little endian, a missing sample as
-2^31), and `p`, of its physical values (float64, little endian, NaN as 0x7ff8000000000000): of all records of
wfdb-samples, and instead of `d` of variable-layout records, whose segments differ in gain. A record that wfdb cannot
read is told on standard error and left out.
annotations: the SHA-256 of one line an annotation: sample, code, subtype, channel, num, aux in hexadecimal without
trailing NULs. Notes at sample 0 are left out: wfdb takes them for definitions.
"""

import hashlib
import json
import os
import sys

import numpy as np
import wfdb
from wfdb.io._signal import INVALID_SAMPLE_VALUE

# Narrowing the result to the smallest dtype fails for format 61 (its dtype is '>i2'); the digests need no narrowing.
wfdb.Record.convert_dtype = lambda self, physical, return_res, smooth_frames: None

SETS = ["wfdb-samples", "mitdb", "nstdb", "cudb", "qtdb", "nsrdb", "cinc2015", "cinc2017", "mimic4wdb"]
NOT_ANNOTATIONS = {"hea", "dat", "mat", "csv", "edf", "wav", "xyz", "txt", "md"}


def sha(array, dtype):
    return hashlib.sha256(np.ascontiguousarray(array, dtype=dtype).tobytes()).hexdigest()


def digital(record):
    out = []
    for samples, fmt in zip(record.e_d_signal, record.fmt):
        wide = np.asarray(samples, dtype="int64")
        invalid = INVALID_SAMPLE_VALUE[fmt]
        if invalid is not None:
            wide = np.where(wide == invalid, -(2**31), wide)
        out.append(sha(wide, "<i4"))
    return out


def physical(record):
    out = []
    for samples in record.e_p_signal:
        values = np.array(samples, dtype="<f8")
        values[np.isnan(values)] = np.nan
        out.append(sha(values, "<f8"))
    return out


def digests(path):
    header = wfdb.rdheader(path)
    if getattr(header, "n_seg", None) and header.layout == "variable":
        return {"p": physical(wfdb.rdrecord(path, physical=True, smooth_frames=False))}
    out = {"d": digital(wfdb.rdrecord(path, physical=False, smooth_frames=False))}
    if "wfdb-samples" in path:
        out["p"] = physical(wfdb.rdrecord(path, physical=True, smooth_frames=False))
    return out


def annotations(path, extension):
    ann = wfdb.rdann(path, extension, return_label_elements=["label_store"])
    lines = []
    for i in range(len(ann.sample)):
        if ann.sample[i] == 0 and ann.label_store[i] == 22:
            continue
        aux = ann.aux_note[i].rstrip("\0").encode("latin1").hex()
        fields = [ann.sample[i], ann.label_store[i], ann.subtype[i], ann.chan[i], ann.num[i], aux]
        lines.append(" ".join(str(field) for field in fields))
    return {"count": len(lines), "sha256": hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()}


def main(root):
    records, marks = {}, {}
    for name in SETS:
        for folder, _, files in sorted(os.walk(os.path.join(root, name))):
            for file in sorted(files):
                path = os.path.join(folder, file)
                key = os.path.relpath(path, root)
                stem, _, extension = path.rpartition(".")
                if file.startswith("."):
                    continue
                try:
                    if extension == "hea":
                        records[key[:-4]] = digests(stem)
                    elif extension not in NOT_ANNOTATIONS and not extension.startswith("d") and "." in file:
                        marks[key] = annotations(stem, extension)
                except Exception as error:  # told on standard error, and left out
                    print(f"{key}: {type(error).__name__}: {str(error)[:160]}", file=sys.stderr)
    json.dump({"wfdb": wfdb.__version__, "records": records, "annotations": marks}, sys.stdout, indent=0, sort_keys=True)
    print()


main(sys.argv[1])
