"""Fits the window model of atrial fibrillation and the rhythm summary of a recording.

    fit.py FOLDER SRC    reads windows.json and records.json of FOLDER, writes into SRC

Both are logistic regressions on standardised features: each feature adds its share to the log odds, and a few hundred records
carry no more than that (boosted trees and extra trees were tried: mean F1 0.73 and 0.76 where this has 0.80).
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "shared"))
from export_model import data_hash, ensemble, linear_scores, model_hash, write_typescript

PREVALENCE = {"N": 5076, "A": 758, "O": 2415, "~": 279}
# The records here are a hundred of each label. The whole prior would starve the rare labels that the mean of F1 weighs alike.
PRIOR_POWER = 0.4
SUMMARY_C = 0.04
WINDOW_C = 1.0
COMMAND = "node training/run.js atrial-fibrillation"


def matrix(rows):
    return np.array([[np.nan if value is None else value for value in row] for row in rows], float)


def filled(x, means):
    return np.where(np.isnan(x), means, x)


def fit(x, y, strength, weights=None):
    means = np.nanmean(x, axis=0)
    scaler = StandardScaler().fit(filled(x, means))
    model = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(filled(x, means)), y, sample_weight=weights)
    return model, scaler, means


def fit_windows(folder, src):
    data = json.loads((folder / "windows.json").read_text())
    rows = data["windows"]
    x = matrix([row["values"] for row in rows])
    y = np.array([row["truth"] for row in rows])
    half = np.array([row["half"] for row in rows])
    key = np.array([f"{row['record']}/{row['lead']}" for row in rows])
    lead = np.array([row["lead"] for row in rows])
    train = np.isin(half, ["ds1", "cinc2017"])
    # A record of half an hour says more than one of half a minute, but not sixty times as much.
    _, inverse, counts = np.unique(key[train], return_inverse=True, return_counts=True)
    model, scaler, means = fit(x[train], y[train], WINDOW_C, 1 / np.sqrt(counts[inverse]))
    p = model.predict_proba(scaler.transform(filled(x, means)))[:, 1]
    test = (half == "ds2") & (lead == 0)
    normal = half == "nsrdb"
    result = ensemble(data["features"], ["other", "fibrillation"], linear_scores(model, scaler.mean_, scaler.scale_))
    header = [
        "Atrial fibrillation in a window of up to 32 intervals; features of `atrial-window.ts`.",
        f"Written by `{COMMAND}` from mitdb DS1 (both leads) and cinc2017: {train.sum()} windows, data sha256 {data_hash(x[train], y[train])[:16]}.",
        f"mitdb DS2, lead 0 ({test.sum()} windows, not trained on): AUC {roc_auc_score(y[test], p[test]):.4f}, Se {np.mean(p[test & (y == 1)] >= 0.5):.3f}, "
        f"Sp {np.mean(p[test & (y == 0)] < 0.5):.4f}; nsrdb: highest probability {p[normal].max():.3f}.",
    ]
    print("\n".join(header))
    write_typescript(src / "ecg" / "rhythm" / "atrial-window-model.ts", "atrialWindowModel", result, header)


def with_prior(scores, classes):
    """The biases moved from the equal shares of the training records towards those of the database."""
    for score, name in zip(scores, classes):
        score["bias"] = float(f"{score['bias'] + PRIOR_POWER * np.log(4 * PREVALENCE[name] / sum(PREVALENCE.values())):.6g}")
    return scores


def summary_model(features, x, y):
    model, scaler, means = fit(x, y, SUMMARY_C)
    result = ensemble(features, list(model.classes_), with_prior(linear_scores(model, scaler.mean_, scaler.scale_), model.classes_))
    return result


def predict(model, x):
    scores = []
    for score in model["scores"]:
        weights, centres = np.array(score["linear"]["weights"]), np.array(score["linear"]["centres"])
        scores.append(score["bias"] + np.nansum(weights * (x - centres), axis=1))
    scores = np.stack(scores, axis=1)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def f1_scores(y, said):
    labels = list(PREVALENCE)
    weight = {label: PREVALENCE[label] / np.sum(y == label) for label in labels}
    w = np.array([weight[label] for label in y])
    return {k: 2 * np.sum(w * ((y == k) & (said == k))) / np.sum(w * ((y == k) * 1.0 + (said == k) * 1.0)) for k in labels}


def fit_summary(folder, src):
    data = json.loads((folder / "records.json").read_text())
    rows = [row for row in data["records"] if row["features"] is not None]
    silent = [row for row in data["records"] if row["features"] is None]
    features = list(rows[0]["features"])
    x = matrix([[row["features"][name] for name in features] for row in rows])
    y = np.array([row["label"] for row in rows])
    names = [row["record"] for row in rows]
    figures = []
    for seed in range(5):
        said = np.empty(len(y), dtype=object)
        models, fold_of = [], {}
        for number, (train, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(x, y)):
            model = summary_model(features, x[train], y[train])
            models.append(model)
            said[test] = np.array(model["classes"])[predict(model, x[test]).argmax(axis=1)]
            fold_of.update({names[i]: number for i in test})
        all_y = np.concatenate([y, [row["label"] for row in silent]])
        f1 = f1_scores(all_y, np.concatenate([said, ["~"] * len(silent)]))
        figures.append([np.mean([f1[k] for k in "NAO"]), *[f1[k] for k in "NAO~"]])
        if seed == 0:
            first = (models, fold_of)
    figures = np.array(figures)
    text = (
        f"5-fold cross-validation by record, re-weighted: mean F1 of N, A, O {figures[0][0]:.3f} (five ways to fold: {figures[:, 0].mean():.3f} "
        f"+- {figures[:, 0].std():.3f}); N {figures[0][1]:.3f}, A {figures[0][2]:.3f}, O {figures[0][3]:.3f}, ~ {figures[0][4]:.3f}."
    )
    header = [
        "Rhythm of a recording: N, A, O or ~; features of `summary-features.ts`.",
        f"Written by `{COMMAND}` from {len(data['records'])} records of cinc2017, data sha256 {data_hash(x)[:16]}.",
        text,
    ]
    print("\n".join(header))
    write_typescript(src / "ecg" / "rhythm" / "summary-model.ts", "summaryModel", summary_model(features, x, y), header)
    write_folds(src / "evaluate" / "atrial" / "fold-models.ts", *first)


def write_folds(path, models, fold_of):
    """A list of models and the fold of each record; written as the single models are."""
    parts = path.parent / "fold-parts.tmp"
    blocks = []
    for number, model in enumerate(models):
        write_typescript(parts, "part", model, [""])
        body = parts.read_text().split("TreeEnsemble = ", 1)[1].rstrip()
        blocks.append(f"  // Model: sha256 {model_hash(model)}.\n  " + body.replace("\n", "\n  ") + ",")
    parts.unlink()
    folds = "\n".join(f"  {record}: {fold}," for record, fold in sorted(fold_of.items()))
    path.write_text(
        "import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'\n\n"
        f"/** Models of the cross-validation of `summaryModel`, each fitted without the records of its fold. Written by `{COMMAND}`. */\n"
        "// biome-ignore format: written by a program\n"
        "export const foldModels: readonly TreeEnsemble[] = [\n" + "\n".join(blocks) + "\n]\n\n"
        "/** Fold that a record of cinc2017 is left out in. */\n"
        "// biome-ignore format: written by a program\n"
        "export const foldOfRecord: Readonly<Record<string, number>> = {\n" + folds + "\n}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    fit_windows(Path(sys.argv[1]), Path(sys.argv[2]))
    fit_summary(Path(sys.argv[1]), Path(sys.argv[2]))
