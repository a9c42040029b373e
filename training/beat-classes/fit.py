"""Fits the beat models on DS1 and writes them: fit.py FEATURES_FOLDER SOURCE_FOLDER FIXTURE_FOLDER

FEATURES_FOLDER holds `beats.json` and `features.f64`, as main.ts writes them.
"""

import json
import os
import sys
from pathlib import Path

# One thread: sums in a fixed order, so that the same data gives the same file.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
from export_model import data_hash, ensemble, tree_scores, write_typescript

N, S, V, F, Q, O = range(6)
FOLDS = 6

# Left out of the fold model that CI scores: written down before any was scored.
HELD = ["109", "118", "119", "209", "215"]

V_FEATURES_NOT = {
    # Of the patient or the rate rather than of the beat: with 22 patients they only identify the record.
    "own.polarity", "other.polarity", "rrSeconds", "own.pHeight", "other.pHeight", "groupBeats", "quality", "groupRatio", "shortShare",
    "rrSeparation", "previousUpper", "previousP", "pPresence", "irregularity", "steady", "steadyPairs",
    "onset", "rrExpected", "pLikeness", "pDrop",
}  # fmt: skip
S_FEATURES = [
    "rrLocal", "rrGlobal", "rrUpper", "rrPrevious", "previousLocal", "irregularity", "rrBorder", "rrSeparation", "shortShare",
    "groupLikeness", "groupPremature", "pPresence", "previousUpper", "previousP", "steady", "steadyPairs", "onset",
    "own.correlation", "other.correlation", "own.pCorrelation", "other.pCorrelation", "own.pRest", "other.pRest",
    "own.spreadChange", "other.spreadChange",
]  # fmt: skip
# What a feature may do to the probability: few patients have ectopic beats, so the direction is given by physiology.
V_DIRECTIONS = {
    "own.correlation": -1, "other.correlation": -1, "groupLikeness": -1, "groupPremature": 1, "own.spreadChange": 1,
    "other.spreadChange": 1, "own.areaRatio": 1, "other.areaRatio": 1, "own.pCorrelation": -1, "other.pCorrelation": -1,
    "groupShare": -1, "own.spread": 1, "other.spread": 1,
}  # fmt: skip
S_DIRECTIONS = {
    "rrLocal": -1, "rrGlobal": -1, "rrUpper": -1, "rrPrevious": -1, "rrBorder": -1, "irregularity": -1, "steady": 1,
    "steadyPairs": 1, "onset": -1, "pPresence": 1, "own.pCorrelation": -1, "other.pCorrelation": -1, "own.correlation": 1,
    "other.correlation": 1, "groupLikeness": 1, "own.spreadChange": -1, "other.spreadChange": -1,
}  # fmt: skip


def weights(records, positive):
    """A record with n beats of a class weighs sqrt(n) in it; both classes weigh the same."""
    w = np.ones(len(positive))
    for record in np.unique(records):
        for value in (False, True):
            k = (records == record) & (positive == value)
            if k.any():
                w[k] = k.sum() ** -0.5
    for value in (False, True):
        w[positive == value] *= 0.5 * len(w) / w[positive == value].sum()
    return w


def fit(x, records, positive, features, directions, trees, rate):
    model = HistGradientBoostingClassifier(
        max_iter=trees, learning_rate=rate, max_depth=3, max_features=0.3, min_samples_leaf=60, l2_regularization=2, max_bins=64, random_state=0,
        early_stopping=False, monotonic_cst=[directions.get(name, 0) for name in features],
    )  # fmt: skip
    return model.fit(x, positive, sample_weight=weights(records, positive))


def curve(p, positive, negative):
    """+P at some sensitivities."""
    found = np.sort(p[positive])
    out = []
    for se in (0.98, 0.95, 0.9, 0.8, 0.7):
        threshold = found[int((1 - se) * len(found))]
        tp, fp = (p[positive] >= threshold).sum(), (p[negative] >= threshold).sum()
        out.append(f"Se {100 * se:.0f} +P {100 * tp / (tp + fp):.1f} (from {threshold:.2f})")
    return ", ".join(out)


def main(folder, sources, fixtures):
    folder = Path(folder)
    meta = json.loads((folder / "beats.json").read_text())
    names = meta["features"]
    x = np.fromfile(folder / "features.f64").reshape(-1, len(names))
    x[np.isinf(x)] = np.nan
    record, truth, take = np.array(meta["record"]), np.array(meta["truth"]), np.array(meta["take"])
    usable = (np.array(meta["seen"]) == 1) & (truth != 255)
    counted = np.array(meta["counted"]) == 1
    # Every take of a record helps; of its many normal beats a part is enough.
    thinned = usable & ((truth != N) | (np.arange(len(truth)) % 5 == 0))
    plans = [
        # Name, cases, positive class, features, directions, negatives that count against +P (EC57: not F and Q, or not Q), trees.
        ("ventricular", (N, S, V, O), V, [n for n in names if n not in V_FEATURES_NOT], V_DIRECTIONS, (N, S, O), (120, 0.08)),
        ("supraventricular", (N, S, O), S, S_FEATURES, S_DIRECTIONS, (N, V, F, O), (100, 0.12)),
    ]
    pv = np.full(len(truth), np.nan)
    for name, cases, positive, features, directions, negatives, (trees, rate) in plans:
        columns = [names.index(feature) for feature in features]
        rows = thinned & np.isin(truth, cases)
        y = truth == positive
        train = lambda k: fit(x[np.ix_(k, columns)], record[k], y[k], features, directions, trees, rate)
        p = np.full(len(truth), np.nan)
        order = sorted(set(record))
        for fold in range(FOLDS):
            test = np.isin(record, order[fold::FOLDS])
            p[test] = train(rows & ~test).predict_proba(x[np.ix_(test, columns)])[:, 1]
        figures = []
        for number, title in enumerate(meta["takes"]):
            k = usable & counted & (take == number)
            if name == "supraventricular":
                k &= ~(pv >= 0.85)
            figures.append(f"{title}: {curve(p[k], y[k], np.isin(truth[k], negatives))}")
        if name == "ventricular":
            pv = p
        digest = data_hash(x[np.ix_(rows, columns)], record[rows].astype("S3"), y[rows])
        for path, constant, k, held in (
            (Path(sources) / f"{name}-model.ts", f"{name}Model", rows, False),
            (Path(fixtures) / f"fold-{name}-model.ts", f"fold{name.capitalize()}Model", rows & ~np.isin(record, HELD), True),
        ):
            header = [
                f"{'V against N, S and extra detections' if positive == V else 'S against N and extra detections'}; written by "
                "`node training/run.js beat-classes`, not by hand.",
                f"Data: MIT-BIH Arrhythmia Database, DS1{' without ' + ' '.join(HELD) if held else ''}, {k.sum()} beats of {len(meta['takes'])} takes.",
            ]
            if not held:
                header += [f"Data hash: sha256 {digest}.", f"Cross-validated by record ({FOLDS} folds):", *(f"- {line}" for line in figures)]
            model = ensemble(features, ["other", "V" if positive == V else "S"], tree_scores(train(k)))
            write_typescript(path, constant, model, header, "../../../src/dsp/tree-ensemble.js" if held else "../../dsp/tree-ensemble.js")
        print(name, k.sum(), "beats", *figures, sep="\n  ")


main(*sys.argv[1:4])
