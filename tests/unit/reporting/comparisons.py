"""What a table of several fits prints."""


def cells(comparison):
    """Labels and cells as printed, row by row."""
    return [(row.label, [cell.whole for cell in row.cells]) for row in comparison.grid.rows]


def printed(comparison):
    """Cells by label; the row below a coefficient has the label and "below"."""
    found, label = {}, ""
    for name, texts in cells(comparison):
        if name:
            found[name] = texts
            label = name
        else:
            found[f"{label} below"] = texts
    return found


def said(comparison):
    return " ".join(comparison.notes)
