"""Turns fitted scikit-learn models into the TypeScript data that src/dsp/tree-ensemble.ts evaluates.

    score = tree_scores(HistGradientBoostingClassifier)     one dict a score
    score = linear_scores(LogisticRegression, mean, scale)  fitted on (x - mean) / scale
    ensemble(features, classes, scores)                     the model as a dict
    write_typescript(path, name, model, header)             `export const <name>: TreeEnsemble = {...}`

Values of leaves and weights are rounded to 6 digits; thresholds are not: they can fall on values that do occur.
"""

import hashlib
import json
import math
from pathlib import Path

import numpy as np


def _round(value, digits):
    value = float(value)
    if value == 0 or not math.isfinite(value):
        return 0 if value == 0 else (1e308 if value > 0 else -1e308)
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded


def flat_trees(predictors):
    """TreePredictors of one score -> FlatTrees: nodes in order of depth first, so children stand behind their parent."""
    out = {key: [] for key in ("roots", "feature", "threshold", "left", "right", "missingLeft", "value")}

    def add(nodes, index):
        node = nodes[index]
        at = len(out["feature"])
        for key in ("feature", "threshold", "left", "right", "missingLeft", "value"):
            out[key].append(0)
        if node["is_leaf"]:
            out["feature"][at] = -1
            out["value"][at] = float(node["value"])
            return at
        if node["is_categorical"]:
            raise ValueError("categorical splits are not exported")
        out["feature"][at] = int(node["feature_idx"])
        out["threshold"][at] = _round(node["num_threshold"], 17)
        out["missingLeft"][at] = int(node["missing_go_to_left"])
        left = add(nodes, node["left"])
        right = add(nodes, node["right"])
        out["left"][at], out["right"][at] = left, right
        # Mean of the leaves below, weighted by training cases: what contributions are told against.
        a, b = float(nodes[node["left"]]["count"]), float(nodes[node["right"]]["count"])
        out["value"][at] = (a * out["value"][left] + b * out["value"][right]) / (a + b)
        return at

    for predictor in predictors:
        out["roots"].append(add(predictor.nodes, 0))
    out["value"] = [_round(value, 6) for value in out["value"]]
    return out


def tree_scores(model):
    """HistGradientBoostingClassifier -> one score a class (two classes: one)."""
    baseline = np.ravel(model._baseline_prediction)
    return [
        {"bias": _round(baseline[k], 6), "trees": flat_trees([stage[k] for stage in model._predictors])}
        for k in range(model.n_trees_per_iteration_)
    ]


def linear_scores(model, mean, scale):
    """LogisticRegression fitted on (x - mean) / scale, missing values filled with the mean -> one score a class (two: one)."""
    return [
        {
            "bias": _round(bias, 6),
            "linear": {
                "weights": [_round(w / s, 6) for w, s in zip(weights, scale)],
                "centres": [_round(m, 9) for m in mean],
            },
        }
        for bias, weights in zip(model.intercept_, model.coef_)
    ]


def ensemble(features, classes, scores):
    return {"features": list(features), "classes": list(classes), "scores": scores}


def model_hash(model):
    """SHA-256 of the model as compact JSON: what JSON.stringify gives for the exported constant."""
    return hashlib.sha256(_compact(model).encode()).hexdigest()


def data_hash(*arrays):
    """SHA-256 of the training data: the bytes of each array in turn."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _number(value):
    """As JavaScript writes it, so that both sides hash the same text."""
    if isinstance(value, int):
        return str(value)
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    power = int(exponent)
    if -7 < power < 0:
        sign = "-" if mantissa.startswith("-") else ""
        digits = mantissa.lstrip("-").replace(".", "")
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def _compact(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_compact(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_compact(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return _number(value)


def _pretty(value, indent=""):
    """As `_compact`, an array of numbers or texts on a line of its own."""
    deeper = indent + "  "
    if isinstance(value, dict):
        return "{\n" + "".join(f"{deeper}{key}: {_pretty(item, deeper)},\n" for key, item in value.items()) + indent + "}"
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"{deeper}{_pretty(item, deeper)},\n" for item in value) + indent + "]"
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], str):
        return "[" + ", ".join(f"'{item}'" for item in value) + "]"
    return _compact(value).replace(",", ", ")


def write_typescript(path, name, model, header, import_from="../../dsp/tree-ensemble.js"):
    """`header`: lines of text: the command, the data and its hash, the cross-validated figures."""
    lines = ["/**", *(f" * {line}".rstrip() for line in header), f" * Model: sha256 {model_hash(model)}.", " */"]
    # An array a line: the formatter is told to leave it, or the file would have tens of thousands of lines.
    text = "\n".join(
        [
            f"import type {{ TreeEnsemble }} from '{import_from}'",
            "",
            *lines,
            "// biome-ignore format: written by a program",
            f"export const {name}: TreeEnsemble = {_pretty(model)}",
            "",
        ]
    )
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
