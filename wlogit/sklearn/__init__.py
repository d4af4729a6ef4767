"""WeightedLogit at home in scikit-learn: a classifier with valid inference."""

from wlogit.sklearn.classifier import WeightedLogitClassifier

__all__ = ["WeightedLogitClassifier"]
