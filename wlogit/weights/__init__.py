"""What a row stands for: the outcome, the weights and the rows they belong to."""
