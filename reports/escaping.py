"""Hostile text made harmless: what a server sends may try to steer the page that shows it.

Jinja escapes markup; this module does what it does not: control characters that reorder or hide text are
made visible, and JSON is written so that no script element can be ended or begun from inside it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, tab and line feed excepted
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff"  # halves of characters, which no file can hold
    "\U000e0000-\U000e007f"
    "]"
)
"""What cannot be seen and changes what can. Joiners stay: scripts and emoji are written with them."""

_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_LINE = 500  # characters of one line that may come from a server
_CODE = re.compile(r"`([^`]+)`")


def hides(text: str) -> bool:
    """Tell whether `text` has a character that `visible` shows."""
    return _HIDDEN.search(text) is not None


def visible(text: str) -> str:
    """Return `text` with each invisible or reordering character shown as its number: `⟨U+202E⟩`."""
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def plain(text: str) -> str:
    """Return `text` on one line and harmless: it must not steer the terminal, or the runner of a CI job."""
    line = " ".join(visible(text.replace("\r", "\n")).split())
    if len(line) > _LINE:
        line = line[: _LINE - 1] + "…"
    # GitHub's runner takes these for commands wherever they stand, or where a line begins with them.
    line = line.replace("##[", "# #[")
    return f" {line}".replace(" ::", " : :").removeprefix(" ")


def shown(value: Any) -> Any:
    """Return `value` as a template may show it: every text that is not markup is made visible."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(str(value))
    return value


def prose(text: str) -> Markup:
    """Return one of our own statements as HTML: escaped, `code` between backticks set as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))  # noqa: S704 - escaped


def script_json(value: Any) -> Markup:
    """Return `value` as JSON that may stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(re.sub("[<>&\u2028\u2029]", lambda match: _IN_SCRIPT[match[0]], text))  # noqa: S704
