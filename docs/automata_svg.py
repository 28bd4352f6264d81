"""Draws an automaton: its states in a row, an arrow for each pair of them. The same table, the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from reports.automata import Combinator, Step
from rules.order import Effect

_APART = 230  # between the middles of neighbours
_HIGH = 34  # a state
_LINE = 17  # a line of a label
_ABOVE = (0, 0, 84, 116)  # how far an arc rises over so many states
_BELOW = (0, 44, 108, 140)
_LETTER = 7.4
_MARGIN = 24

_STYLE = """\
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
text { fill: #1f2328; text-anchor: middle }
.page { fill: #ffffff }
.state { fill: #f6f8fa; stroke: #59636e; stroke-width: 1.5 }
.owing { stroke-dasharray: 5 3; stroke: #9a6700 }
.name { font-weight: 600 }
.arrow { fill: none; stroke: #59636e; stroke-width: 1.5; marker-end: url(#head) }
.head { fill: #59636e }
.examined { fill: #1a7f37 }
.violated { fill: #cf222e }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .page { fill: #0d1117 }
  .state { fill: #151b23; stroke: #9198a1 }
  .owing { stroke: #d29922 }
  .arrow { stroke: #9198a1 }
  .head { fill: #9198a1 }
  .examined { fill: #3fb950 }
  .violated { fill: #f85149 }
}"""


_HEAD = (
    '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
    ' orient="auto-start-reverse"><path class="head" d="M0 0 10 5 0 10z"/></marker></defs>'
)


@dataclass(frozen=True, slots=True)
class _Arrow:
    """All steps from one state to another."""

    start: int
    end: int
    steps: tuple[Step, ...]

    @property
    def far(self) -> int:
        """Over how many states it goes."""
        return abs(self.end - self.start)

    @property
    def is_above(self) -> bool:
        """Whether it goes over the row: those back, and every other of those far ahead, go under it."""
        return self.start == self.end or (self.end > self.start and self.start % 2 == 0)

    @property
    def is_straight(self) -> bool:
        """Whether it leads to the next state."""
        return self.end == self.start + 1

    @property
    def lines(self) -> int:
        """Lines of its label."""
        return len(self.steps)


def automaton_svg(combinator: Combinator) -> str:
    """Return the picture of a combinator."""
    states = combinator.states
    arrows = _arrows(combinator)
    widths = [len(name) * _LETTER + 30 for name in states]
    xs = [_MARGIN + 30 + widths[0] / 2 + n * _APART for n in range(len(states))]
    y = _MARGIN + _room_above(arrows)
    width, height = xs[-1] + widths[-1] / 2 + _MARGIN, y + _room_below(arrows) + _MARGIN
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(combinator.name)}">',
        f"<style>{_STYLE}</style>",
        _HEAD,
        '<rect class="page" width="100%" height="100%" rx="6"/>',
        f'<path class="arrow" d="M{xs[0] - widths[0] / 2 - 28:g} {y:g}h26"/>',
    ]
    for arrow in arrows:
        parts += _drawn(arrow, xs, widths, y)
    for name, x, wide in zip(states, xs, widths, strict=True):
        owing = " owing" if name in combinator.owing else ""
        parts.append(
            f'<rect class="state{owing}" x="{x - wide / 2:g}" y="{y - _HIGH / 2:g}" width="{wide:g}"'
            f' height="{_HIGH}" rx="{_HIGH / 2:g}"/>'
        )
        parts.append(f'<text class="name" x="{x:g}" y="{y + 4.5:g}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _room_above(arrows: list[_Arrow]) -> float:
    """Return how much room what goes over the row needs."""
    straight = [_LINE * each.lines + 14 for each in arrows if each.is_straight]
    arcs = [_ABOVE[each.far] + _LINE * each.lines for each in arrows if each.is_above and each.far > 1]
    return max(straight + arcs + [_LINE * each.lines + 54 for each in arrows if not each.far])


def _room_below(arrows: list[_Arrow]) -> float:
    below = [each for each in arrows if not each.is_above and not each.is_straight]
    return max([_BELOW[each.far] + _LINE * each.lines + 8 for each in below] + [_HIGH / 2])


def _arrows(combinator: Combinator) -> list[_Arrow]:
    place = {name: n for n, name in enumerate(combinator.states)}
    waiting = [
        Step(name, ("deadline",), combinator.states[combinator.automaton.told], Effect.MISSING)
        for name in combinator.owing
    ]
    found: dict[tuple[int, int], _Arrow] = {}
    for step in [*combinator.steps, *waiting]:
        ends = place[step.start], place[step.end]
        before = found.get(ends, _Arrow(*ends, ()))
        found[ends] = replace(before, steps=(*before.steps, step))
    return list(found.values())


def _drawn(arrow: _Arrow, xs: list[float], widths: list[float], y: float) -> list[str]:
    start, end = xs[arrow.start], xs[arrow.end]
    edge = y - _HIGH / 2
    if arrow.is_straight:
        left, right = start + widths[arrow.start] / 2, end - widths[arrow.end] / 2
        path = f"M{left:g} {y:g}H{right - 2:g}"
        return [_path(path), *_label(arrow, (left + right) / 2, y - 9)]
    if not arrow.far:
        path = f"M{start - 14:g} {edge:g}c-16 -42 44 -42 28 -2"
        return [_path(path), *_label(arrow, start, edge - 37)]
    aside = 12 if arrow.end > arrow.start else -12
    edge, apex = (
        (y - _HIGH / 2, y - _ABOVE[arrow.far]) if arrow.is_above else (y + _HIGH / 2, y + _BELOW[arrow.far])
    )
    pull = edge + (apex - edge) * 4 / 3  # where a curve is pulled to that comes as far as its apex
    tip = edge - 2 if arrow.is_above else edge + 2
    left, right = start + aside, end - aside
    path = f"M{left:g} {edge:g}C{left:g} {pull:g} {right:g} {pull:g} {right:g} {tip:g}"
    last = apex - 7 if arrow.is_above else apex + 17 + _LINE * (arrow.lines - 1)
    return [_path(path), *_label(arrow, (start + end) / 2, last)]


def _path(path: str) -> str:
    return f'<path class="arrow" d="{path}"/>'


def _label(arrow: _Arrow, x: float, y: float) -> list[str]:
    """Return the lines of a label, the last at `y`."""
    found = []
    for n, step in enumerate(reversed(arrow.steps)):
        kind = "violated" if step.violates else str(step.effect or "")
        effect = f'<tspan class="{kind}">: {step.effect}</tspan>' if step.effect is not None else ""
        role = escape(" or ".join(step.roles))
        found.append(f'<text x="{x:g}" y="{y - n * _LINE:g}">{role}{effect}</text>')
    return found
