"""What fits of other programs report wrongly for the weights meant, with the right numbers."""
