"""Fits one model to data/train.csv: train.py --model logistic|forest --out FILE."""

import argparse
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=["logistic", "forest"], required=True)
    parser.add_argument("--trees", type=int, default=100, help="size of the forest")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = np.loadtxt("data/train.csv", delimiter=",", skiprows=1)
    if options.model == "logistic":
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    else:
        model = RandomForestClassifier(n_estimators=options.trees, random_state=SEED)
    model.fit(rows[:, :-1], rows[:, -1])
    options.out.parent.mkdir(exist_ok=True)
    joblib.dump(model, options.out)
    print(f"{options.out}: {options.model}, fitted to {len(rows)} rows")


if __name__ == "__main__":
    main()
