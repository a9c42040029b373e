"""Fits the model of fibrillation: fit.py FEATURES_FOLDER SOURCE_FOLDER FIXTURE_FOLDER

FEATURES_FOLDER holds `windows.json` and `features.f64`, as main.ts writes them. Writes the model that was fitted on all, the model of one
fold for a test, and `folds.json`: the models of eight folds by record with the records that each has not seen.
"""

import json
import os
import sys
from pathlib import Path

# One thread: sums in a fixed order, so that the same data gives the same file.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
from export_model import data_hash, ensemble, linear_scores, tree_scores, write_typescript

FOLDS = 8
# A window of artefact still weighs this much.
LEAST_TRUST = 0.03


def weights(records, positive, share, outside, trust):
    """What artefact hides teaches little. Windows across an onset or offset weigh less; a record weighs the root of its windows in each class; other databases less."""
    clear = np.abs(2 * share - 1)
    w = np.zeros(len(share))
    for record in np.unique(records):
        for value in (False, True):
            k = (records == record) & (positive == value)
            if k.any():
                w[k] = clear[k] * k.sum() ** -0.5
    w[outside] *= 0.27
    w *= np.maximum(trust, LEAST_TRUST)
    return w * (len(w) / w.sum())


def fit(x, positive, w):
    """Mean of a logistic regression and of boosted trees in log odds: the first is steadier across people, the second sharper."""
    mean = x.mean(axis=0)
    scale = x.std(axis=0) + 1e-9
    linear = LogisticRegression(C=0.02, max_iter=500).fit((x - mean) / scale, positive, sample_weight=w)
    trees = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=6, learning_rate=0.08, min_samples_leaf=80, l2_regularization=5, max_features=0.3, random_state=0,
        early_stopping=False,
    ).fit(x, positive, sample_weight=w)  # fmt: skip
    a, b = linear_scores(linear, mean, scale)[0], tree_scores(trees)[0]
    half = lambda values: [float(f"{value / 2:.6g}") for value in values]
    score = {
        "bias": float(f"{(a['bias'] + b['bias']) / 2:.6g}"),
        "linear": {"weights": half(a["linear"]["weights"]), "centres": a["linear"]["centres"]},
        "trees": {**b["trees"], "value": half(b["trees"]["value"])},
    }
    return ensemble(FEATURES, ["other", "ventricular-fibrillation"], [whole(score)])


def whole(value):
    """Whole numbers as integers, as the model's hash wants them."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def main(folder, sources, fixtures):
    global FEATURES
    folder = Path(folder)
    meta = json.loads((folder / "windows.json").read_text())
    FEATURES = meta["features"]
    x = np.fromfile(folder / "features.f64").reshape(-1, len(FEATURES))
    # `size` is NaN only where the unit is unknown, which no training record is.
    record = np.array([f"{d}/{r}" for d, r in zip(meta["database"], meta["record"])])
    outside = np.array(meta["database"]) != "cudb"
    share = np.array(meta["share"])
    trust = np.array(meta["trust"])
    positive = share > 0.5
    # A window of which 40 to 60 % is fibrillation teaches nothing.
    clear = np.abs(2 * share - 1) > 0.2
    fold_of = {}
    for names in (record[~outside], record[outside]):
        fold_of.update({name: number % FOLDS for number, name in enumerate(sorted(set(names)))})
    fold = np.array([fold_of[name] for name in record])
    train = lambda k: fit(x[k], positive[k], weights(record[k], positive[k], share[k], outside[k], trust[k]))
    folds = []
    for number in range(FOLDS):
        held = [name for name, f in fold_of.items() if f == number]
        folds.append({"held": held, "model": train(clear & (fold != number))})
        print(f"fold {number}: without {' '.join(held)}", flush=True)
    (folder / "folds.json").write_text(json.dumps(folds))
    digest = data_hash(x[clear], record[clear].astype("S12"), share[clear], trust[clear])
    header = [
        "Ventricular fibrillation and flutter in 8 s of ECG; written by `node training/run.js ventricular-fibrillation`, not by hand.",
        f"Data: cudb cu01 to cu24 and MIT-BIH Arrhythmia Database, DS1, both leads, and NSTDB, em and ma, second channel; {clear.sum()} windows.",
        f"Data hash: sha256 {digest}.",
    ]
    write_typescript(Path(sources) / "fibrillation-model.ts", "fibrillationModel", train(clear), header)
    held = folds[0]["held"]
    write_typescript(
        Path(fixtures) / "fold-fibrillation-model.ts",
        "foldFibrillationModel",
        folds[0]["model"],
        [header[0], f"Fold 0, without {' '.join(held)}."],
        "../../../src/dsp/tree-ensemble.js",
    )


main(*sys.argv[1:])
