"""The command line on the data of the package."""

import re
import subprocess
import sys
from pathlib import Path

from wlogit import datasets

CSV = str(Path(datasets.__file__).with_name("mid.csv"))
ENDOMETRIAL = str(Path(datasets.__file__).with_name("endometrial.csv"))
FORMULA = "conflict ~ contig + years"


def said(summary):
    """A summary without its date and time."""
    return re.sub(r"Date:.*?\d{4}|\b\d\d:\d\d:\d\d\b", "", str(summary)).strip()


def in_a_process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "wlogit", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
