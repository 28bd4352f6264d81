"""What changed since an earlier report, in one line: for `summary.md`. Plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SinceEarlier:
    """The requirements that are violated anew, hold again, and are not seen any more, by id.

    `started` is when the earlier run began. `problem` says why nothing can be compared, empty where it can.
    """

    started: str
    worse: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    problem: str = ""

    @property
    def sentence(self) -> str:
        """The change in numbers: how many are violated anew, and how many hold again."""
        if self.problem:
            return self.problem
        said = f"+{len(self.worse)} \N{MINUS SIGN}{len(self.better)}"
        return f"{said}, {len(self.unseen)} not seen any more" if self.unseen else said
