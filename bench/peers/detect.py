"""Detectors from PyPI, each with its defaults: `detect.py NAME` answers frames, `detect.py --list` names them.

Every detector gets the whole record at once, as its package means it to be used; none of them is causal here.
"""

import sys
import warnings

from frames import serve

warnings.filterwarnings("ignore")


def wfdb_xqrs(signal, fs):
    from wfdb.processing import xqrs_detect

    return xqrs_detect(signal, fs=fs, verbose=False)


def wfdb_gqrs(signal, fs):
    from wfdb.processing import gqrs_detect

    # It wants stored values with their gain; those of MIT-BIH have 200 a millivolt.
    return gqrs_detect(d_sig=(signal * 200).round().astype(int), fs=fs, adc_gain=200, adc_zero=0)


def neurokit(method):
    def detect(signal, fs):
        import neurokit2

        rate = int(fs) if float(fs).is_integer() else fs
        try:
            cleaned = neurokit2.ecg_clean(signal, sampling_rate=rate, method=method)
        except ValueError:
            # There is no cleaning of that name: the detector filters the signal itself.
            cleaned = signal
        _, found = neurokit2.ecg_peaks(cleaned, sampling_rate=rate, method=method, correct_artifacts=False)
        return found["ECG_R_Peaks"]

    return detect


def sleepecg(signal, fs):
    from sleepecg import detect_heartbeats

    return detect_heartbeats(signal, fs)


def py_ecg_detectors(name):
    def detect(signal, fs):
        from ecgdetectors import Detectors

        return getattr(Detectors(fs), name)(signal)

    return detect


DETECTORS = {
    "wfdb-xqrs": wfdb_xqrs,
    "wfdb-gqrs": wfdb_gqrs,
    "neurokit2-neurokit": neurokit("neurokit"),
    "neurokit2-pantompkins1985": neurokit("pantompkins1985"),
    "neurokit2-hamilton2002": neurokit("hamilton2002"),
    "neurokit2-elgendi2010": neurokit("elgendi2010"),
    "neurokit2-kalidas2017": neurokit("kalidas2017"),
    "neurokit2-rodrigues2021": neurokit("rodrigues2021"),
    "neurokit2-khamis2016": neurokit("khamis2016"),
    "neurokit2-emrich2023": neurokit("emrich2023"),
    "sleepecg": sleepecg,
    "py-ecg-detectors-pan_tompkins": py_ecg_detectors("pan_tompkins_detector"),
    "py-ecg-detectors-hamilton": py_ecg_detectors("hamilton_detector"),
    "py-ecg-detectors-two_average": py_ecg_detectors("two_average_detector"),
    "py-ecg-detectors-swt": py_ecg_detectors("swt_detector"),
    "py-ecg-detectors-engzee": py_ecg_detectors("engzee_detector"),
    "py-ecg-detectors-christov": py_ecg_detectors("christov_detector"),
}

if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] == "--list":
        print("\n".join(DETECTORS))
    elif len(sys.argv) == 2 and sys.argv[1] in DETECTORS:
        serve(DETECTORS[sys.argv[1]])
    else:
        sys.exit("usage: detect.py --list | NAME; accepted: " + ", ".join(DETECTORS))
