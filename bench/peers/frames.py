"""The detector's side of `vitalwire evaluate --program` (docs/evaluate.md): JSON frames, one a line, on standard input and output."""

import json
import sys
import time


def serve(detect):
    """Answers for record after record until standard input ends.

    `detect(signal, fs)` gets the first channel as a NumPy array in millivolts, missing samples bridged by the value before, and
    gives the samples of the R peaks. Its CPU time alone is told with `done`; what it prints goes to standard error.
    """
    import numpy as np

    out = sys.stdout
    sys.stdout = sys.stderr
    start = None
    parts = []
    for line in sys.stdin:
        frame = json.loads(line)
        kind = frame["type"]
        if kind == "start":
            start, parts = frame, []
        elif kind == "samples":
            parts.extend(frame["values"][0])
        elif kind == "end":
            signal = np.array([np.nan if value is None else value for value in parts], dtype=float) * millivolts(start["unit"])
            signal = bridge(signal)
            begun = time.process_time()
            beats = np.asarray(detect(signal, start["fs"]), dtype=float).ravel()
            seconds = time.process_time() - begun
            beats = np.unique(np.rint(beats[np.isfinite(beats)]).astype(int))
            for sample in beats[(beats >= 0) & (beats < len(signal))]:
                out.write('{"type":"beat","sample":%d}\n' % sample)
            out.write(json.dumps({"type": "done", "cpuSeconds": seconds}) + "\n")
            out.flush()


def millivolts(unit):
    return {"mV": 1.0, "uV": 0.001, "V": 1000.0}.get(unit, 1.0)


def bridge(signal):
    """Detectors of these packages stumble over NaN."""
    import numpy as np

    valid = np.isfinite(signal)
    if valid.all():
        return signal
    last = np.maximum.accumulate(np.where(valid, np.arange(len(signal)), -1))
    return np.where(last >= 0, signal[np.maximum(last, 0)], 0.0)
