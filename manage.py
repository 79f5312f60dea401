#!/usr/bin/env python
"""Run a management command."""

import os
import sys

from config.env import BadEnvironment
from config.stack import with_room


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    try:
        with_room(execute_from_command_line, sys.argv)
    except BadEnvironment as error:
        print("\n".join(error.sentences), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
