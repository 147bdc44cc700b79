"""Lets ``python -m caraml_analysis.cli`` do what ``caraml`` does."""

from __future__ import annotations

import sys

from caraml_analysis.cli import main

sys.exit(main())
