"""Measures models on data/test.csv and writes reports/metrics.json: evaluate.py MODEL…"""

import argparse
import json
from pathlib import Path

import joblib
import numpy as np
from sklearn.metrics import accuracy_score, roc_auc_score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="+")
    options = parser.parse_args()
    rows = np.loadtxt("data/test.csv", delimiter=",", skiprows=1)
    measurements, benign = rows[:, :-1], rows[:, -1]
    report = {}
    for path in options.models:
        model = joblib.load(path)
        scores = model.predict_proba(measurements)[:, 1]
        report[path.stem] = {
            "accuracy": round(accuracy_score(benign, scores > 0.5), 4),
            "roc_auc": round(roc_auc_score(benign, scores), 4),
        }
        print(f"{path.stem}: {report[path.stem]}")
    Path("reports").mkdir(exist_ok=True)
    Path("reports/metrics.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
