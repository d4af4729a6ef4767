"""``python -m wlogit``: the command line where the script is not on the path."""

import sys

from wlogit.cli import main

if __name__ == "__main__":
    sys.exit(main())
