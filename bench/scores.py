"""Precision, recall and F1 of yes-or-no answers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def f1(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Harmonic mean of precision and recall; 0 where neither is said nor true."""
    both = int(said.sum() + true.sum())
    return 2 * int((said & true).sum()) / both if both else 0.0


def rates(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> dict[str, Any]:
    """precision (None where nothing was said), recall (None where nothing is true), f1, support."""
    hits, told, support = int((said & true).sum()), int(said.sum()), int(true.sum())
    return {
        "precision": round(hits / told, 3) if told else None,
        "recall": round(hits / support, 3) if support else None,
        "f1": round(f1(said, true), 3),
        "support": support,
    }
