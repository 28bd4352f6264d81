"""Plays one scenario: what ends it early says how it went."""

from __future__ import annotations

import asyncio

from suites.giving_up import GivingUp
from suites.outcome import Status
from suites.scenario import Scenario
from suites.stage import Stage
from suites.talk import NotSaid, Undecided, Unmet
from wire.endpoint import EndpointError
from wire.failures import Ended, Flooded, OverBudget, Refused, RunSettled, Stalled, Unreachable


async def perform(scenario: Scenario, stage: Stage, limit: float, giving_up: GivingUp) -> tuple[Status, str]:
    """Play one scenario, for `limit` seconds at most; return how it ended, and why where it ended early.

    Raises `Refused` or `Unreachable` where it got no session, `QuotaEnded` or `RunSettled` where nothing
    more is to be had or to be tried.
    """
    try:
        async with asyncio.timeout(limit) as stage.clock:
            if scenario.own_sessions:
                await scenario.act(stage)
            else:
                async with stage.open() as talk:
                    await scenario.act(talk)
    except (Stalled, Unmet, Ended, Flooded) as error:
        giving_up.floods += isinstance(error, Flooded)
        giving_up.silent_end = error.how if isinstance(error, Ended) else ""
        giving_up.meter.check()
        return "stalled", str(error)
    except (Refused, Unreachable, OverBudget, RunSettled):
        raise
    except NotSaid as error:
        return "not-offered", str(error)
    except (EndpointError, Undecided) as error:
        return "inconclusive", str(error)
    except TimeoutError:
        return "stalled", f"took longer than {stage.bound_s or limit:.0f} s"
    except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the other scenarios
        return "harness-error", f"{type(error).__name__}: {error}"
    return "passed", ""
