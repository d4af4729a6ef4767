"""One fit as one page of HTML: numbers, figures and plain words, for a reader without Python."""
