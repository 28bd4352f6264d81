"""Which endpoint to talk to, and how: from options, the environment, and `conformance.yaml`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, cast

from protocol.catalogue import check_name, dialect_of, dialects, guessed
from protocol.dialect import DialectName, Scheme
from protocol.errors import DocumentError
from protocol.reading import read_text
from protocol.yaml_core import parse_settings
from realtime_conformance.application.presets import blank, preset, presets
from realtime_conformance.application.prices import Prices, prices_of
from realtime_conformance.application.url_checks import url_problem
from realtime_conformance.application.yaml_places import meant, place_in
from realtime_conformance.rooms import folder
from schemas.engines import explaining
from schemas.explain import leaf_errors, violation
from suites.features import offered
from wire.budget import Budget, BudgetError, budget_of, parse_budget
from wire.endpoint import Auth, Endpoint, EndpointError, Timeouts, Tls
from wire.redaction import Redactor

KEY_VARIABLE = "REALTIME_API_KEY"
TARGETS_FILE = Path("conformance.yaml")

_PRIVATE = frozenset(("auth", "headers", "query"))
"""Parts of a target whose values may be secret."""

UNKNOWN_MODEL = "conformance/no-such-model"


@dataclass(frozen=True, slots=True)
class Choice:
    """A target as chosen: the endpoint, what it is declared to offer, how many sessions it bears at once.

    `budget` is what a run may spend on it, and `prices` are what that costs in money. `ground` says why
    it is judged by its dialect, where nobody named one.
    """

    endpoint: Endpoint
    declared: Mapping[str, bool] = field(default_factory=dict)
    concurrency: int = 8
    names: Mapping[str, str] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    prices: Prices = field(default_factory=Prices)
    ground: str = ""

    embedded: ClassVar[bool] = False

    @property
    def dialect(self) -> DialectName:
        """The dialect that it speaks, and is judged by."""
        return self.endpoint.dialect

    @property
    def url(self) -> str:
        """Where it is."""
        return self.endpoint.url

    @property
    def name(self) -> str:
        """Its name in conformance.yaml, empty where it has none."""
        return self.endpoint.name

    @property
    def shown(self) -> str:
        """Where it is, without secrets."""
        return self.endpoint.shown

    @property
    def redactor(self) -> Redactor:
        """What replaces its secrets."""
        return self.endpoint.redactor

    @contextlib.asynccontextmanager
    async def opened(self, _seed: int) -> AsyncIterator[Choice]:
        """Have it there; see `Embedded.opened`."""
        yield self

    @property
    def offers(self) -> dict[str, bool]:
        """For every feature, whether it is taken to be offered."""
        declared = dict(self.declared)
        declared.setdefault("authentication", self.endpoint.auth.scheme != "none")
        return offered(declared)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user said on the command line; None or empty where nothing was said."""

    endpoint: str | None = None
    target: str | None = None
    config: Path | None = None
    dialect: DialectName | None = None
    scheme: Scheme | None = None
    key_variable: str | None = None
    headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    ca: Path | None = None
    insecure: bool = False
    timeouts: Mapping[str, float] = field(default_factory=dict)
    concurrency: int | None = None
    features: Mapping[str, bool] = field(default_factory=dict)
    budget: str | None = None


_TIMEOUTS = {
    "connect": "connect_timeout",
    "answer": "answer_timeout",
    "response": "response_timeout",
    "silence": "silence",
}


def options_of(given: Mapping[str, Any]) -> Options:
    """Return what was said of whom to talk to; `given` are the values of options, by their fields."""
    return Options(
        endpoint=given["endpoint"],
        target=given["target"],
        config=given["config"],
        dialect=given["dialect"],
        scheme=given["auth"],
        key_variable=given["auth_env"],
        headers=tuple(given["header"]),
        query=tuple(given["query"]),
        ca=given["ca"],
        insecure=given["insecure"],
        timeouts={name: given[each] for name, each in _TIMEOUTS.items() if given[each] is not None},
        concurrency=given.get("concurrency"),
        features=features_of(given),
        budget=given["budget"],
    )


def features_of(given: Mapping[str, Any]) -> dict[str, bool]:
    """Return what was said to be offered, and not to be."""
    offered, withheld = given.get("feature", ()), given.get("no_feature", ())
    return {**dict.fromkeys(offered, True), **dict.fromkeys(withheld, False)}


class TargetError(Exception):
    """The target cannot be used as configured; the message says what to change."""


def choose(options: Options, environment: Mapping[str, str] | None = None) -> Choice:
    """Return the target that `options` describe.

    Raises `TargetError` for what cannot work, `DocumentError` for a broken conformance.yaml.
    """
    environment = os.environ if environment is None else environment
    raw = named_target(options) if options.target is not None else {}
    url = raw.get("endpoint") if options.endpoint is None else options.endpoint
    if not url:
        raise TargetError("no endpoint: give --endpoint URL or --target NAME, with something in it")
    if problem := url_problem(url):
        raise TargetError(problem)
    try:
        choice = Choice(
            _endpoint(url, options, raw, environment),
            {**raw.get("features", {}), **options.features},
            options.concurrency or raw.get("concurrency", 8),
            {"unknown_model": UNKNOWN_MODEL, **raw.get("names", {})},
            budget_of(raw.get("budget", {})).merged(budget_from(options.budget)),
            prices_of(raw.get("prices", {})),
        )
        choice.offers  # noqa: B018 - raises for a feature that does not exist
    except (EndpointError, ValueError) as error:
        raise TargetError(str(error)) from None
    return choice


def _endpoint(url: str, options: Options, raw: Mapping[str, Any], environment: Mapping[str, str]) -> Endpoint:
    """Return how to reach `url`. Raises `TargetError`, or `EndpointError`, for what cannot work."""
    dialect: DialectName = options.dialect or raw.get("dialect") or guessed(url).name
    endpoint = Endpoint(
        url=url,
        dialect=dialect,
        auth=_auth(options, raw, dialect, environment),
        headers={**raw.get("headers", {}), **_pairs(options.headers, ":", "--header")},
        query={**raw.get("query", {}), **_pairs(options.query, "=", "--query")},
        tls=_tls(options, raw),
        timeouts=replace(Timeouts(), **{**raw.get("timeouts", {}), **options.timeouts}),
        name=options.target or "",
        sources=_sources(options, raw),
    )
    if missing := blank(endpoint.url, endpoint.query) if options.target in presets() else "":
        raise TargetError(f"the target {options.target} is not complete; {missing}")
    endpoint.tls_context()
    return endpoint


def budget_from(text: str | None) -> Budget:
    """Return the budget that `--budget` names, one without limits for None. Raises `TargetError`."""
    try:
        return Budget() if text is None else parse_budget(text)
    except BudgetError as error:
        raise TargetError(f"--budget: {error}") from None


def key_in(environment: Mapping[str, str], variable: str | None = None) -> str:
    """Return the key that `environment` holds, for redaction; empty where it holds none."""
    return environment.get(variable or KEY_VARIABLE, "").strip()


def named_target(options: Options) -> dict[str, Any]:
    """Return what conformance.yaml says of the target that `options` name. Raises `DocumentError`."""
    path = options.config or TARGETS_FILE
    ready = preset(str(options.target))
    if ready is not None and options.config is None and not path.is_file():
        return ready
    if options.config is None and not path.is_file():
        raise TargetError(
            f"--target {options.target}: there is no {path} here that could name it, and it is none of those "
            f"that need no file: {', '.join(presets())}"
        )
    targets = read_configuration(path)["targets"]
    if options.target not in targets and ready is not None:
        return ready
    if options.target not in targets:
        known = ", ".join(sorted(targets))
        raise DocumentError(
            str(path),
            "/targets",
            f"has no target {options.target}",
            meant(str(options.target), [*targets, *presets()])
            + f"name one of: {known}, {', '.join(presets())}",
        )
    found: dict[str, Any] = targets[options.target]
    if "dialect" in found:
        check_name(found["dialect"], str(path), f"/targets/{options.target}/dialect")
    return found


def read_configuration(path: Path) -> dict[str, Any]:
    """Return the content of a conformance.yaml.

    Raises `DocumentError` where it cannot be read or does not satisfy schemas/configuration.schema.json.
    """
    content, node = parse_settings(read_text(path, "create it or name another"), str(path))
    schema = json.loads((folder() / "schemas" / "configuration.schema.json").read_text(encoding="utf-8"))
    for each in leaf_errors(explaining(schema, "2020-12").iter_errors(content)):
        wrong = violation(each)
        place = place_in(node, wrong.path)
        if wrong.keyword == "additionalProperties":
            allowed, given = cast("dict[str, Any]", each.schema), cast("dict[str, Any]", each.instance)
            known = list(allowed.get("properties", {}))
            surplus = [str(name) for name in given if name not in known]
            raise DocumentError(
                str(path),
                place_in(node, wrong.path, surplus[0]),
                f"has no field {', '.join(surplus)}",
                f"{meant(surplus[0], known)}known are {', '.join(known)}",
            )
        # Whoever writes a key into the file does not want to read it on the terminal.
        shown = "not right" if _PRIVATE & set(wrong.path) else wrong.actual
        shown = "missing" if wrong.keyword == "required" else shown
        raise DocumentError(str(path), place, f"is {shown}", f"{wrong.expected} is expected")
    found: dict[str, Any] = content
    return found


def _auth(
    options: Options, raw: Mapping[str, Any], dialect: DialectName, environment: Mapping[str, str]
) -> Auth:
    configured: Mapping[str, str] = raw.get("auth", {})
    variable = options.key_variable or configured.get("env")
    key = environment.get(variable or KEY_VARIABLE, "").strip()
    if variable and not key:
        raise TargetError(f"the environment variable {variable} is empty or not set")
    scheme = options.scheme or configured.get("scheme")
    if scheme is None:
        scheme = dialect_of(dialect).scheme if key else "none"
    if scheme != "none" and not key:
        raise TargetError(f"authentication {scheme} needs a key in {KEY_VARIABLE}, or --auth-env NAME")
    # A key of the portal is pasted with its scheme often enough.
    key = key.removeprefix("Basic ").removeprefix("Bearer ")
    source = f"the environment variable {variable or KEY_VARIABLE}"
    if options.key_variable:
        source += " (--auth-env)"
    elif variable:
        source += f" (target {options.target} of {(options.config or TARGETS_FILE).name})"
    return Auth(scheme, key if scheme != "none" else "", source)  # type: ignore[arg-type]


def _sources(options: Options, raw: Mapping[str, Any]) -> dict[str, str]:
    """Return where each header and each parameter of the query was given."""
    file = f"the target {options.target} of {(options.config or TARGETS_FILE).name}"
    found = dict.fromkeys((*raw.get("headers", {}), *raw.get("query", {})), file)
    for texts, separator, option in ((options.headers, ":", "--header"), (options.query, "=", "--query")):
        found.update({text.partition(separator)[0].strip(): option for text in texts})
    return found


def _tls(options: Options, raw: Mapping[str, Any]) -> Tls:
    configured: Mapping[str, Any] = raw.get("tls", {})
    ca = options.ca or (Path(configured["ca"]) if "ca" in configured else None)
    return Tls(ca, verify=not options.insecure and configured.get("verify", True))


def _pairs(texts: tuple[str, ...], separator: str, option: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, found, value = text.partition(separator)
        if not found or not name.strip():
            # The text is not repeated: it may hold a secret.
            raise TargetError(f"{option} wants NAME{separator}VALUE")
        pairs[name.strip()] = value.strip()
    return pairs


def also_judged(dialect: DialectName, wanted: str | None) -> list[DialectName]:
    """Return the dialects to judge by besides `dialect`: what was `wanted`, or those it descends from."""
    if wanted is None:
        return list(dialect_of(dialect).family[1:])
    return [name for name in dialects() if wanted == name != dialect]
