"""``python -m anywear.cli``."""

import sys

from . import main

sys.exit(main())
