"""Fits the model of falls: fit.py CANDIDATES_FILE REPOSITORY

CANDIDATES_FILE is what main.ts writes: for each recording its candidates, each with its features. Writes the model of all people
(src/motion/fall-model.ts) and those that have not seen one of them (src/evaluate/falls/fold-models.ts), and prints what these say of the
person left out.

A recording is a fall when one of its candidates is one (multiple instances): the candidate that stands for a fall is its strongest, then
twice the one that the model itself finds likeliest. The threshold is the middle of those that lose least in sensitivity plus specificity.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

data = json.loads(Path(sys.argv[1]).read_text())
root = Path(sys.argv[2])
names = data["names"]
recordings = data["recordings"]
x = np.array([f for r in recordings for f in r["features"]])
of = np.array([k for k, r in enumerate(recordings) for _ in r["features"]])
person = np.array([r["person"] for r in recordings])
fall = np.array([r["fall"] for r in recordings])


def best_of(score):
    """The highest score of each recording; those without a candidate have the lowest."""
    best = np.full(len(recordings), -50.0)
    np.maximum.at(best, of, score)
    return best


def fit(known):
    """Weights and bias on the recordings `known`."""
    mean, scale = x[known[of]].mean(axis=0), x[known[of]].std(axis=0)
    standing = x[:, names.index("peak")]
    for _ in range(3):
        chosen = {}
        for i in np.flatnonzero(fall[of]):
            if of[i] not in chosen or standing[i] > standing[chosen[of[i]]]:
                chosen[of[i]] = i
        used = known[of] & (~fall[of] | np.isin(np.arange(len(of)), list(chosen.values())))
        counts = np.bincount(of[used], minlength=len(recordings))
        model = LogisticRegression(max_iter=3000).fit((x[used] - mean) / scale, fall[of][used], sample_weight=counts[of[used]] ** -0.5)
        standing = model.decision_function((x - mean) / scale)
    best = best_of(standing)
    limits = np.unique(best[known])
    gain = np.array([(best[known & fall] > t).mean() + (best[known & ~fall] <= t).mean() for t in limits])
    near = limits[gain >= gain.max() - 0.004]
    weights = model.coef_[0] / scale
    bias = model.intercept_[0] - (weights * mean).sum() - (near.min() + near.max()) / 2
    return [float(f"{w:.4g}") for w in weights], float(f"{bias:.4g}")


def said(model):
    return best_of(x @ np.array(model[0]) + model[1]) > 0


def text(model):
    return f"{{ weights: [{', '.join(str(w) for w in model[0])}], bias: {model[1]} }}"


people = sorted(set(person))
folds = {}
right = np.zeros(len(recordings), bool)
for one in people:
    folds[one] = fit(person != one)
    right[person == one] = (said(folds[one]) == fall)[person == one]
    for kind, which in (("falls", fall), ("daily", ~fall)):
        k = which & (person == one)
        if k.any():
            print(f"{one} left out: {kind} {right[k].sum()} of {k.sum()}; wrong: {' '.join(r['record'] for r, b in zip(recordings, k & ~right) if b)}")
print(f"all left out in turn: falls {right[fall].sum()} of {fall.sum()}, daily {right[~fall].sum()} of {(~fall).sum()}")
everyone = fit(np.ones(len(recordings), bool))
ok = said(everyone) == fall
print(f"fitted on all: falls {ok[fall].sum()} of {fall.sum()}, daily {ok[~fall].sum()} of {(~fall).sum()}; {text(everyone)}")
digest = hashlib.sha256(x.tobytes()).hexdigest()
head = "/**\n * Written by `node training/run.js falls`, not by hand. {}\n * Data: SisFall {}; sha256 of the features " + digest[:16] + ".\n */\n"
(root / "src/motion/fall-model.ts").write_text(
    "import type { FallModel } from './fall-candidates.js'\n\n"
    + head.format("Whether a blow was a fall, fitted on all people.", " ".join(people))
    + f"export const fallModel: FallModel = {text(everyone)}\n"
)
target = root / "src/evaluate/falls/fold-models.ts"
target.parent.mkdir(parents=True, exist_ok=True)
rows = "".join(f"  {one}: {text(folds[one])},\n" for one in people)
target.write_text(
    "import type { FallModel } from '../../motion/fall-candidates.js'\n\n"
    + head.format("By person: the model that has not seen that person.", " ".join(people))
    + f"export const foldFallModels: Readonly<Record<string, FallModel>> = {{\n{rows}}}\n"
)
