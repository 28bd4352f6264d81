"""Threads that parse Python side by side do not trip over one another."""

from __future__ import annotations

import ast
import gc
import inspect
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from suites.parsing import parse_in_turn

SOURCE = inspect.getsource(ast)


class _Litter:
    """Garbage whose collection lets another thread in, wherever it happens."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        time.sleep(0)


@pytest.fixture(autouse=True)
def _many_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
    gc.collect()


def test_several_threads_parse_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ast, "parse", ast.parse)  # put back at the end
    parse_in_turn()
    parse_in_turn()
    wrong: list[str] = []

    def work() -> None:
        for _ in range(20):
            litter = [_Litter() for _ in range(50)]
            del litter
            try:
                ast.parse(SOURCE)
            except SystemError as error:
                wrong.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_is_parsed_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ast, "parse", ast.parse)
    before = ast.dump(ast.parse("a = 1", "here", "exec"))
    parse_in_turn()
    assert ast.dump(ast.parse("a = 1", filename="here", mode="exec")) == before
    with pytest.raises(SyntaxError):
        ast.parse("a =")
