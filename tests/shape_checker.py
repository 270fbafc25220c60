"""The checker of annotations under test: beartype, with an int allowed where a float is asked, as in Python itself."""

from __future__ import annotations

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
