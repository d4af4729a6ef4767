"""Logits of data larger than memory: the sums of a fit, one chunk of rows at a time.

>>> from wlogit.datasets import load_mid
>>> from wlogit.streaming import StreamedLogit
>>> def read():
...     data = load_mid()
...     return (data.iloc[start : start + 1000] for start in range(0, len(data), 1000))
>>> model = StreamedLogit.from_formula("conflict ~ contig + years", read, class_weight="balanced")
>>> model.fit(disp=False).params.round(2).to_dict()
{'Intercept': -0.19, 'contig': 3.61, 'years': -0.07}
"""

from wlogit.streaming.model import StreamedLogit
from wlogit.streaming.results import StreamedLogitResults

__all__ = ["StreamedLogit", "StreamedLogitResults"]
