"""So many at once, those first whose turn came earlier; and nobody who stops waiting keeps a place."""

from __future__ import annotations

import asyncio

from suites.gate import Gate


def test_an_earlier_turn_comes_in_first_however_late_it_asks() -> None:
    async def play() -> list[int]:
        gate, came = Gate(1), []
        leave = asyncio.Event()

        async def hold() -> None:
            async with gate.place():
                await leave.wait()

        async def come(turn: int) -> None:
            async with gate.place(turn):
                came.append(turn)

        tasks = [asyncio.create_task(hold())]
        await asyncio.sleep(0)
        for turn in (3, 1, 2):
            tasks.append(asyncio.create_task(come(turn)))
            await asyncio.sleep(0)
        leave.set()
        await asyncio.gather(*tasks)
        return came

    assert asyncio.run(play()) == [1, 2, 3]


def test_whoever_stops_waiting_takes_no_place() -> None:
    async def play() -> bool:
        gate = Gate(1)

        async def come() -> None:
            async with gate.place():
                pass

        async with gate.place():
            given_up, patient = asyncio.create_task(come()), asyncio.create_task(come())
            await asyncio.sleep(0)
            given_up.cancel()
            await asyncio.wait([given_up])
        await patient
        async with gate.place():
            return True

    assert asyncio.run(play())
