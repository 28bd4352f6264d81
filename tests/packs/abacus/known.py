"""Makes the abacus known, as its folder and a line each in the catalogues would: until that is undone."""

from __future__ import annotations

from pathlib import Path

import pytest

import reference.server
from packs.catalogue import PACKS
from packs.paths import PATHS
from protocol.channel_catalogue import known_channels, read_channel
from reference.channels.doors import CHANNEL_PATHS
from reference.channels.services import SERVICES
from tests.packs.abacus.pack import ABACUS_CHANNEL
from tests.packs.abacus.service import AbacusService


def make_known(patch: pytest.MonkeyPatch) -> None:
    """Add the abacus to the catalogues of packs and documents, and to the reference server."""
    channel = read_channel(Path(__file__).with_name("channel.yaml"))
    patch.setitem(PATHS, channel.name, channel.address)
    patch.setitem(PACKS, channel.name, ABACUS_CHANNEL.pack())
    patch.setitem(known_channels(), channel.name, channel)
    patch.setitem(CHANNEL_PATHS, channel.name, channel.address)
    patch.setattr(reference.server, "SERVICES", {**SERVICES, channel.name: AbacusService})
