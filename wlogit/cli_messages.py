"""What the command line says on stderr: warnings, errors, and where it has written."""

import re
import sys

import patsy

OPTION = re.compile(
    r"\b(class_weight|freq_weights|sampling_weights|prevalence|offset|event|aliased)="
    r"([.,;:)]*(?=\s|$))?"
)


class Teller:
    """Says every warning once, in one line; those about programming are not the user's."""

    def __init__(self) -> None:
        self.said: set[str] = set()

    def __call__(
        self, message: Warning | str, category: type[Warning], *_where: object, **_line: object
    ) -> None:
        """Say it, in the place of ``warnings.showwarning``."""
        text = str(message)
        if issubclass(category, DeprecationWarning | FutureWarning) or text in self.said:
            return
        self.said.add(text)
        say("warning", text)


def sentence(error: BaseException) -> str:
    """What an error says, without the marks and arrows below a formula."""
    if isinstance(error, patsy.PatsyError):
        return str(error.message)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__


def _option(found: re.Match[str]) -> str:
    """An argument as an option, before its value or the stop that follows it."""
    name, stop = found.groups(default=" ")
    return f"--{name.replace('_', '-')}{stop}"


def say(kind: str, text: str) -> None:
    """A line on stderr, in which arguments of functions are called as on the command line."""
    options = OPTION.sub(_option, text)
    sys.stderr.write(f"wlogit: {kind}: {' '.join(options.split())}\n")
