"""The mathematics: numpy and scipy only; nothing here warns, reads files or knows pandas."""
