"""Writes the pickles that the tests read, by NumPy: python3 make_pickles.py. (Written with NumPy 2.)"""

import pickle
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def split(*samples):
    """Samples of (vision, text, audio, score); each sequence is padded in front to three steps."""
    padded = lambda rows: np.vstack([np.zeros((3 - len(rows), len(rows[0]))), rows]).astype(np.float32)
    vision, text, audio = (np.stack([padded(sample[m]) for sample in samples]) for m in range(3))
    names = np.array([f"video {i}" for i in range(len(samples))])
    return {
        "vision": vision,
        "text": text,
        "audio": audio,
        "labels": np.array([[[sample[3]]] for sample in samples]),
        "id": names,
    }


said, silent = [[1, 2], [3, 4]], [[0, 0]]
affect = {
    "train": split(
        ([[1], [2]], said, [[-np.inf, 5, 6], [7, 8, 9]], 2.4),
        ([[3]], silent, [[1, 1, 1]], 1.0),
        ([[4]], [[5, 0]], [[2, 2, 2]], 0.0),
    ),
    "valid": split(([[5]], [[0, 6]], [[3, 3, 3]], -1.0)),
    "test": split(([[6], [0]], [[7, 7], [0, 0]], [[4, 4, 4], [5, 5, 5]], 1)),
}
for protocol in (2, 4):
    (HERE / f"affect-{protocol}.pkl").write_bytes(pickle.dumps(affect, protocol=protocol))

kinds = ["bool", "int8", "uint8", "int16", "int32", "int64", "float32", "float64", ">f4", ">i8"]
numbers = {kind: np.array([[0, 1, 1]], dtype=kind) for kind in kinds}
numbers |= {"wide": np.array([-300, 70000], dtype=np.int32), "half": np.float64(0.5), "names": np.array(["a", "b"])}
numbers |= {"empty": np.zeros((0, 3)), "list": [1, None, True, "text"]}
for protocol in (1, 5):
    (HERE / f"numbers-{protocol}.pkl").write_bytes(pickle.dumps(numbers, protocol=protocol))
(HERE / "columns.pkl").write_bytes(pickle.dumps(np.asfortranarray(np.ones((2, 2))), protocol=4))
(HERE / "path.pkl").write_bytes(pickle.dumps({"where": Path("a")}, protocol=4))
