"""Fits the model of noise: fit.py FEATURES_FOLDER SOURCE_FOLDER

FEATURES_FOLDER holds `seconds.json` and `features.f64`, as main.ts writes them. Writes the model that was fitted on all, and prints
what models do in records that they have not seen.
"""

import json
import os
import sys
from pathlib import Path

# One thread: sums in a fixed order, so that the same data gives the same file.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
from export_model import data_hash, ensemble, linear_scores, write_typescript

FOLDS = 5
# Log odds 0, quality 0.5, is put where this share of the noisy seconds of the first leads lies above.
REJECTED = 0.24
# A clean second or one of fibrillation that is refused costs more than a noisy one that is not.
CLEAN, FIBRILLATION, SECOND_LEAD = 30, 60, 0.3


def main(folder, sources):
    folder = Path(folder)
    meta = json.loads((folder / "seconds.json").read_text())
    features = meta["features"]
    x = np.fromfile(folder / "features.f64").reshape(-1, len(features))
    record = np.array(meta["record"])
    lead, noisy, fibrillation, errors = (np.array(meta[key]) for key in ("lead", "noisy", "fibrillation", "errors"))
    arrhythmia = np.char.startswith(record, "mitdb/")
    # Of cudb only fibrillation is taken, of mitdb all but fibrillation: there are no beats in it to be wrong about.
    used = arrhythmia != (fibrillation == 1)
    # Errors in clean seconds have other causes.
    wrong = (noisy == 1) & (errors > 0) & arrhythmia
    w = np.where(noisy == 1, np.maximum(1, errors), CLEAN) * np.where(lead == 1, SECOND_LEAD, 1.0)
    w = np.where(arrhythmia, w, FIBRILLATION)
    counted = used & arrhythmia & (noisy == 1) & (lead == 0)

    def train(k):
        mean, scale = x[k].mean(axis=0), x[k].std(axis=0) + 1e-9
        model = LogisticRegression(C=1.0, max_iter=2000).fit((x[k] - mean) / scale, wrong[k], sample_weight=w[k])
        log_odds = model.decision_function((x - mean) / scale)
        level = np.quantile(log_odds[k & counted], 1 - REJECTED)
        model.intercept_ = model.intercept_ - level
        return linear_scores(model, mean, scale), log_odds - level

    names = sorted(set(record))
    fold = np.array([{name: number % FOLDS for number, name in enumerate(names)}[name] for name in record])
    unseen = np.zeros(len(x))
    for number in range(FOLDS):
        unseen[fold == number] = train(used & (fold != number))[1][fold == number]
    rejected = unseen > 0
    clean = used & arrhythmia & (noisy == 0) & (lead == 0)
    figures = [
        f"area under the curve {roc_auc_score(wrong[counted], unseen[counted]):.4f}",
        f"{100 * rejected[counted].mean():.1f} % of noisy seconds rejected with {100 * errors[counted & rejected].sum() / errors[counted].sum():.1f} % of the errors",
        f"{100 * rejected[clean].mean():.3f} % of clean ones",
        f"{100 * rejected[used & ~arrhythmia].mean():.1f} % of fibrillation",
    ]
    digest = data_hash(x[used], record[used].astype("S12"), errors[used])
    header = [
        "Noise in a second of a lead, logistic regression; written by `node training/run.js lead-quality`, not by hand.",
        f"Data: MIT-BIH Arrhythmia Database, DS1, both leads, alone and with em and ma of NSTDB (first halves) at 24, 12, 6 and 0 dB; cudb, fibrillation of the even records to cu24; {used.sum()} seconds.",
        f"Data hash: sha256 {digest}.",
        f"Cross-validated by record, {FOLDS} folds, first leads: {'; '.join(figures)}.",
    ]
    print("\n".join(header), flush=True)
    write_typescript(Path(sources) / "noise-model.ts", "noiseModel", ensemble(features, ["signal", "noise"], train(used)[0]), header, "../dsp/tree-ensemble.js")


main(*sys.argv[1:])
