"""Text made safe for LaTeX and Markdown."""

LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        # As plain characters these print others in LaTeX's default font encoding.
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
    }
)
MARKDOWN = str.maketrans({character: f"\\{character}" for character in r"\`*<|"})


def latex(text: str) -> str:
    """Text with LaTeX's special characters written out."""
    return text.translate(LATEX)


def markdown(text: str) -> str:
    """Text with the characters escaped that begin code, emphasis, tags or cells."""
    return text.translate(MARKDOWN)
