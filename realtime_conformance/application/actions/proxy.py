"""Relays between clients and a server, and reports on what was said."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from packs.catalogue import PACKS
from packs.paths import REALTIME
from protocol.dialect import DialectName
from proxy.sessions import ProxiedSession
from realtime_conformance.application.actions.common import begin_report, console
from realtime_conformance.application.actions.serve import catalogue_of
from realtime_conformance.application.baseline_files import baseline_given
from realtime_conformance.application.chosen_profile import as_of
from realtime_conformance.application.dialect_choice import Ground, told_by
from realtime_conformance.application.named_contract import check_dialect
from realtime_conformance.application.proxy_altering import AlteredTraffic, chosen_alterations
from realtime_conformance.application.proxy_report import Proxied, client_report, server_report
from realtime_conformance.application.proxying import CannotListenError, ListeningPlace, ProxyRun
from realtime_conformance.application.report_output import tell
from realtime_conformance.application.targets import TargetError, key_in
from realtime_conformance.application.url_checks import url_problem
from realtime_conformance.supervision.interruption import Signals
from reports.exits import Exit
from reports.model import Report
from reports.terminal import plain
from wire.endpoint import Endpoint, EndpointError, Timeouts, Tls
from wire.redaction import Redactor
from wire.trace_files import TraceError, TraceFile

CLIENT = "client"
"""The folder of the report on the clients, in that of the report on the server."""


def proxy(given: Mapping[str, Any]) -> int:
    """Relay as the options say; return the exit code."""
    with Signals() as signals:
        return _proxy(given, signals)


def _proxy(given: Mapping[str, Any], signals: Signals) -> int:
    endpoint, listening = _endpoint(given), _listening(given)
    if given["dialect"] is not None:
        check_dialect(given["dialect"])
        _check_channel(given["channel"], given["dialect"])
    baseline_given(given, given["channel"] or REALTIME)  # whether it can be read is said at once
    out: Path = given["out"]
    begin_report(out)
    begin_report(out / CLIENT)
    run = ProxyRun(
        endpoint=endpoint,
        listening=listening,
        out=out,
        known=endpoint.redactor.and_also(Redactor({key_in(os.environ)} - {""})),
        say=lambda line: click.echo(plain(line)),
        named=given["dialect"],
        channel=given["channel"],
        as_of=given["as_of"] or "",
        altered=_altered(given),
    )
    if given["expose"]:
        run.say("warning: whoever reaches this machine can connect, and clients send their keys here")
    try:
        run.perform_until(signals)
    except CannotListenError as error:
        raise click.ClickException(f"{error}; name another port") from None
    with signals.finishing() as interrupted:
        return _told(run, given, interrupted)


def _told(run: ProxyRun, given: Mapping[str, Any], interrupted: Any) -> int:
    """Report on the channels that were spoken; return the exit code of the worst."""
    screen, exits, problems = console(given["color"]), [], []
    by_channel: dict[str, list[ProxiedSession]] = {}
    for each in run.sessions:
        by_channel.setdefault(each.spoken.channel, []).append(each)
    for channel, sessions in (by_channel or {given["channel"] or REALTIME: []}).items():
        out: Path = given["out"]
        if len(by_channel) > 1:
            out /= channel
        of = _proxied(run, channel, sessions, given)
        server = server_report(of, out, run.known.text)
        client = client_report(of, out / CLIENT, run.known.text)
        if interrupted():
            server, client = replace(server, interrupted=True), replace(client, interrupted=True)
        problems += _written(server, out, screen)
        if of.files:
            screen.print("the client:")
            problems += _written(client, out / CLIENT, screen)
        exits += _counting(given["judge"], server, client)
    if problems:
        raise problems[0]
    return int(max(exits, key=_WORST.index))


def _written(report: Report, out: Path, screen: Console) -> list[click.ClickException]:
    """Write and tell a report; return why it could not be written: the next one is told all the same."""
    try:
        tell(report, out, screen)
    except click.ClickException as error:
        return [error]
    return []


def _counting(whom: str, server: Report, client: Report) -> list[Exit]:
    """Return the exit codes of those who are to be judged."""
    return [
        report.exit for name, report in (("server", server), ("client", client)) if whom in (name, "both")
    ]


_WORST = (
    Exit.CONFORMS,
    Exit.BASELINE,
    Exit.NOTHING_JUDGED,
    Exit.UNREACHABLE,
    Exit.DOES_NOT_CONFORM,
    Exit.USAGE,
    Exit.HARNESS_ERROR,
    Exit.INTERRUPTED,
)
"""Exit codes, the one that says most last."""


def _proxied(
    run: ProxyRun, channel: str, sessions: list[ProxiedSession], given: Mapping[str, Any]
) -> Proxied:
    ground = _ground(run, sessions)
    baseline = baseline_given(given, channel)
    return Proxied(
        sessions=sessions,
        channel=channel,
        dialect=ground.dialect,
        shown=run.endpoint.shown,
        started=run.started,
        duration_s=run.duration_s,
        turned_away=run.turned,
        notes=[*([ground.note] if ground.note else []), *_alterations(run)],
        strict=given["strict"],
        baseline=baseline,
        as_of=as_of(given, baseline, ground.dialect),
    )


def _ground(run: ProxyRun, sessions: list[ProxiedSession]) -> Ground:
    """Return the dialect that the report judges by: what was named, or what addresses or traffic tell."""
    if run.named is not None:
        return Ground(run.named)
    supposed: DialectName = sessions[0].spoken.dialect if sessions else run.spoken(run.endpoint.url).dialect
    if run.tells(supposed, sessions):
        return Ground(supposed, "its address tells")
    try:
        return told_by(traces(sessions))
    except TargetError:
        return Ground(supposed, "nothing in its address tells the dialect, and its events tell no single one")


def traces(sessions: list[ProxiedSession]) -> list[TraceFile]:
    """Return the traces of sessions that can be read."""
    found = []
    for each in sessions:
        try:
            found.append(TraceFile(each.path, each.name))
        except (TraceError, OSError):
            continue  # where it is judged, the report says so
    return found


def _endpoint(given: Mapping[str, Any]) -> Endpoint:
    """Return where to relay to. Raises `click.UsageError` for what is no address of a WebSocket."""
    url = given["upstream"]
    if problem := url_problem(url):
        raise click.UsageError(f"--upstream: {problem}")
    timeouts = Timeouts() if given["connect_timeout"] is None else Timeouts(connect=given["connect_timeout"])
    try:
        endpoint = Endpoint(url, tls=Tls(given["ca"], verify=not given["insecure"]), timeouts=timeouts)
        endpoint.tls_context()
    except EndpointError as error:
        raise click.UsageError(f"--upstream: {error}") from None
    return endpoint


def _check_channel(channel: str | None, dialect: DialectName) -> None:
    pack = PACKS.get(channel or "")
    if pack is not None and dialect not in pack.dialects:
        known = ", ".join(pack.dialects)
        raise click.UsageError(f"the channel {pack.name} is known in {known}, and not in {dialect}")


# --- what is altered --------------------------------------------------------------------------------------


def _altered(given: Mapping[str, Any]) -> AlteredTraffic:
    """Return what is altered in what the server sends. Raises `click.UsageError`."""
    faults = chosen_alterations("fault", given["faults"], catalogue_of)
    variants = chosen_alterations("variant", given["variants"], catalogue_of)
    delays = dict(_pair("--delay", each) for each in given["delay"])
    ends = dict(_pair("--close-after", each) for each in given["close_after"])
    return AlteredTraffic(
        differences=(*faults, *variants),
        drop=frozenset(given["drop"]),
        delay={type_: _seconds(type_, value) for type_, value in delays.items()},
        close_after={type_: _code(type_, value) for type_, value in ends.items()},
        seed=given["seed"],
    )


def _pair(option: str, text: str) -> tuple[str, str]:
    type_, sign, value = text.partition("=")
    if not (type_ and sign and value):
        raise click.UsageError(f"{option} {text!r} is not TYPE=VALUE, such as response.done=2")
    return type_, value


def _seconds(type_: str, text: str) -> tuple[float, float]:
    """Return the bounds of `SECONDS` or `LEAST..MOST`."""
    least, _, most = text.partition("..")
    try:
        bounds = float(least), float(most or least)
    except ValueError:
        bounds = -1.0, -1.0
    if not 0 <= bounds[0] <= bounds[1] <= _LONGEST_S:
        raise click.UsageError(
            f"--delay {type_}={text}: name seconds up to {_LONGEST_S:g}, or LEAST..MOST of them"
        )
    return bounds


def _code(type_: str, text: str) -> int:
    if not text.isdecimal() or not (int(text) in _CODES or 3000 <= int(text) <= 4999):
        raise click.UsageError(
            f"--close-after {type_}={text}: no close frame has that code; 1006 is an end without one"
        )
    return int(text)


_LONGEST_S = 3600.0
_CODES = (1000, 1001, 1002, 1003, *range(1006, 1015))


def _alterations(run: ProxyRun) -> list[str]:
    if not run.altered:
        return []
    return [f"what the server sent was altered on its way to the client: {run.altered.told}"]


# --- where to listen --------------------------------------------------------------------------------------


def _listening(given: Mapping[str, Any]) -> ListeningPlace:
    """Return where to listen. Raises `click.UsageError`."""
    host, port = _place(given["listen"])
    if not _is_loopback(host) and not given["expose"]:
        raise click.UsageError(
            f"--listen {given['listen']} can be reached from other machines, and clients send their keys"
            " there; say --expose where that is meant"
        )
    tls = _certified(given["certificate"], given["key"])
    return ListeningPlace(host, port, tls, given["seconds"], given["sessions"])


def _place(text: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`, `[HOST]:PORT` or `PORT`. Raises `click.UsageError`."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65_535:
        raise click.UsageError(f"--listen {text!r} is not HOST:PORT, such as 127.0.0.1:9000")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _certified(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return the TLS context for clients, None without a certificate. Raises `click.UsageError`."""
    if certificate is None:
        if key is not None:
            raise click.UsageError("--key needs --certificate FILE")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        said = error.reason or "it is not PEM"
        raise click.UsageError(
            f"--certificate {certificate}: no certificate with its key can be read ({said})"
        ) from None
    except OSError as error:
        named = error.filename or certificate
        raise click.UsageError(f"--certificate {named}: cannot be read ({error.strerror})") from None
    return context


def _no_password() -> str:
    """Return the password of a key: there is nobody to ask for one."""
    return ""
