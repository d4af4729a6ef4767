"""Array alias and the option names, declared once."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
AnyArray = NDArray[Any]

RobustKind = Literal["HC0", "HC1", "HC2", "HC3", "HC4"]
TotalsKind = Literal["CR0", "CR1", "CR1S"]
AdjustedKind = Literal["CR2", "CR3"]
ClusterKind = Literal["CR0", "CR1", "CR1S", "CR2", "CR3"]
ClassWeightsAre = Literal["estimated", "fixed"]
Sampling = Literal["random", "case-control"]
