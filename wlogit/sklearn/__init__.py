"""WeightedLogit at home in scikit-learn: a classifier with valid inference, and its search."""

from wlogit.sklearn.classifier import WeightedLogitClassifier
from wlogit.sklearn.search import select_class_weight

__all__ = ["WeightedLogitClassifier", "select_class_weight"]
