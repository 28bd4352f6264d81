"""A plugin of pytest that makes the abacus known: `-p tests.packs.abacus.in_pytest --channel=abacus`."""

from __future__ import annotations

import pytest

from tests.packs.abacus.known import make_known

make_known(pytest.MonkeyPatch())
