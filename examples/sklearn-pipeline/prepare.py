"""Writes data/train.csv and data/test.csv from the breast cancer data set that ships with scikit-learn."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

SEED = 7


def main() -> None:
    measurements = load_breast_cancer()
    rows = np.column_stack([measurements.data, measurements.target])
    train, test = train_test_split(rows, test_size=0.25, random_state=SEED, stratify=measurements.target)
    Path("data").mkdir(exist_ok=True)
    header = ",".join([*(name.replace(" ", "_") for name in measurements.feature_names), "benign"])
    for name, part in (("train", train), ("test", test)):
        np.savetxt(f"data/{name}.csv", part, delimiter=",", header=header, comments="", fmt="%.6g")
        print(f"data/{name}.csv: {len(part)} rows")


if __name__ == "__main__":
    main()
