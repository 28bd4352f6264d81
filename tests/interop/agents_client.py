"""A conversation held by OpenAI's Agents SDK for Python, as it is; prints what the SDK told of it.

`python agents_client.py URL MODALITY TURNS TEXT`, run by an interpreter that has openai-agents: its
websockets is an older one than ours, so it lives in an environment of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner

_LIMIT_S = 20


@function_tool
def get_weather(city: str) -> str:
    """Look up the weather."""
    return f"sunny in {city}"


async def converse(url: str, modality: str, turns: int, text: str) -> None:
    agent = RealtimeAgent(name="Guide", instructions="Be brief.", tools=[get_weather])
    settings = {"model_name": "gpt-realtime", "modalities": [modality]}
    runner = RealtimeRunner(agent, config={"model_settings": settings})
    session = await runner.run(model_config={"url": url, "api_key": "x"})
    async with asyncio.timeout(_LIMIT_S), session:
        await session.send_message(text)
        async for event in session:
            print(json.dumps({"type": event.type, "error": str(getattr(event, "error", ""))}))
            turns -= event.type == "agent_end"
            if not turns:
                return


asyncio.run(converse(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
