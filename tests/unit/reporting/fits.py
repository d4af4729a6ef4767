"""Small fits to be reported on."""

from typing import Any

import numpy as np
import pandas as pd

from wlogit import WeightedLogit

N = 60


def frame() -> pd.DataFrame:
    """Sixty rows, twenty of them events."""
    rng = np.random.default_rng(12)
    return pd.DataFrame(
        {
            "y": np.repeat([0, 1, 0], [20, 20, 20]),
            "x": rng.normal(size=N).round(2),
            "group": np.tile(["b", "a", "c"], 20),
            "m": np.tile([1, 2, 0], 20),
            "a": np.tile([0.5, 1.5], 30),
            "share": np.tile([0.2, 0.4, 0.9], 20),
            "events": np.tile([1, 0, 2], 20),
            "others": np.tile([3, 1, 1], 20),
            "firm": np.tile(np.arange(12), 5),
        },
        index=[f"r{i}" for i in range(N)],
    )


def fit(formula: str = "y ~ x", data: Any = None, fitting: Any = None, **options: Any) -> Any:
    """Fit a formula to the frame."""
    data = frame() if data is None else data
    model = WeightedLogit.from_formula(formula, data, **options)
    return model.fit(disp=False, **(fitting or {}))


def notes_of(results: Any) -> str:
    """The notes as one text."""
    return "\n".join(results.summary().content.notes)
