"""Data sets and corpora: list what is known, say what it is, get it, and build the corpus of free motion capture.

anywear data list
anywear data info amass
anywear data get amass --from ~/amass --accept-licence
anywear data build-corpus DIR -o OUT
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..errors import UsageError
from ._progress import Progress

HELP = "data sets and corpora: list, info, get, build-corpus"
ACTIONS = ("list", "info", "get", "build-corpus")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="a data set; for build-corpus the folder with the archives"
    )
    parser.add_argument(
        "--data", metavar="DIR", help="where data is kept (default: $ANYWEAR_DATA, ~/.cache/anywear/data)"
    )
    parser.add_argument("--from", dest="source", metavar="PATH", help="get: take it from this folder or archive")
    parser.add_argument("--accept-licence", action="store_true", help="get: the licence shown is accepted")
    parser.add_argument("-o", "--output", metavar="OUT", help="build-corpus: folder of the corpus")
    parser.add_argument("--archives", metavar="A,B", help="build-corpus: only these archives")
    parser.add_argument("--plot", metavar="OUT.png", help="build-corpus, info: a picture of the minutes per label")
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    if options.action not in ACTIONS:
        from ..errors import unknown_name

        raise unknown_name("action", options.action, ACTIONS)
    if options.action == "list":
        return _list(options)
    if options.name is None and options.action != "build-corpus":
        raise UsageError("No data set was named", remedy="anywear data list")
    return {"info": _info, "get": _get, "build-corpus": _build}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    from ..data import CATALOGUE, local_state

    rows = []
    for entry in CATALOGUE.values():
        state = local_state(entry, _folder(options))
        size = state.bytes or entry.archive_bytes
        rows.append((entry, state, f"{size / 1e6:.1f} MB" if size else "-"))
    if options.json:
        print(json.dumps([_facts(entry, state) for entry, state, _ in rows], indent=1))
        return 0
    print(f"{'name':18} {'kind':9} {'role':6} {'size':>9} {'state':7} {'got by':9} licence")
    for entry, state, size in rows:
        print(f"{entry.name:18} {entry.kind:9} {entry.role:6} {size:>9} {state.text:7} {entry.how:9} {entry.licence}")
    return 0


def _info(options: argparse.Namespace) -> int:
    from ..corpus import draw_statistics, open_corpus, statistics_text
    from ..data import CATALOGUE, data_entry, local_state

    if options.name not in CATALOGUE and Path(options.name).is_dir():
        corpus, entry = open_corpus(options.name), None
    else:
        entry = data_entry(options.name)
        state = local_state(entry, _folder(options))
        corpus = open_corpus(state.path) if entry.kind == "corpus" and state.path is not None else None
        if options.json and corpus is None:
            print(json.dumps(_facts(entry, state), indent=1))
            return 0
        if not options.json:
            for name, value in _facts(entry, state).items():
                for line in value if isinstance(value, list) else [value]:
                    print(f"{name:12} {line}")
    if corpus is not None:
        corpus.verify()
        statistics = corpus.statistics()
        if options.json:
            print(json.dumps(statistics, indent=1))
        else:
            print(statistics_text(statistics))
        if options.plot:
            draw_statistics(statistics, options.plot)
    return 0


def _get(options: argparse.Namespace) -> int:
    from ..data import data_entry, get_data, import_data

    entry = data_entry(options.name)
    if entry.kind == "corpus":
        raise UsageError(f"{entry.name} is built here", remedy=entry.steps[0])
    print(f"{entry.name}: {entry.about}\nlicence: {entry.licence}\nsource: {entry.url}", file=sys.stderr)
    if options.source is None and not entry.downloads:
        get_data(entry, _folder(options))  # says how it is got
    if not options.accept_licence and not _accepted():
        raise UsageError(
            "The licence was not accepted", where=entry.name, got=entry.licence,
            remedy=f"Read it at {entry.url}, then add --accept-licence",
        )  # fmt: skip
    if options.source is not None:
        path = import_data(entry, options.source, _folder(options))
    else:
        path = get_data(entry, _folder(options), progress=None if options.quiet else _Bytes())
    print(f"{entry.name} -> {path}")
    return 0


def _build(options: argparse.Namespace) -> int:
    from ..corpus import build_corpus, draw_statistics, statistics_text
    from ..data import data_folder

    if options.output is None:
        raise UsageError("No folder for the corpus was named", remedy="anywear data build-corpus DIR -o OUT")
    data = Path(options.name) if options.name else _folder(options) or data_folder()
    archives = [name.strip() for name in options.archives.split(",") if name.strip()] if options.archives else None
    bar: list[Progress] = []
    corpus = build_corpus(
        data, options.output, archives=archives,
        on_plan=lambda total: bar.append(Progress(total, "motions", quiet=options.quiet)),
        on_clip=lambda: bar[0].step(),
    )  # fmt: skip
    statistics = corpus.statistics()
    if options.plot:
        draw_statistics(statistics, options.plot)
    if options.json:
        print(json.dumps(statistics, indent=1))
        return 0
    print(statistics_text(statistics))
    if not options.quiet:
        for key, reason in corpus.left_out():
            print(f"left out: {key}: {reason}", file=sys.stderr)
    print(f"{len(corpus)} clips, {len(corpus.left_out())} left out -> {options.output}")
    return 0


def _folder(options: argparse.Namespace) -> Path | None:
    return Path(options.data) if options.data else None


def _facts(entry, state) -> dict:
    facts = {
        "name": entry.name, "kind": entry.kind, "about": entry.about, "role": entry.role, "licence": entry.licence,
        "url": entry.url, "state": state.text, "path": str(state.path or ""), "got by": entry.how,
    }  # fmt: skip
    if entry.downloads:
        facts["download"] = [
            f"{download.url} ({'sha256 ' + download.sha256 if download.sha256 else 'no published checksum'})"
            for download in entry.downloads
        ]
    if entry.archive_sha256:
        facts["archive"] = f"{entry.name}.tar.xz, {entry.archive_bytes} bytes, sha256 {entry.archive_sha256}"
    if entry.steps:
        facts["steps"] = list(entry.steps)
    return facts


def _accepted() -> bool:
    if not sys.stdin.isatty():
        return False
    print("Accept this licence? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Bytes:
    """Counts megabytes on standard error, at most once per whole one."""

    def __init__(self) -> None:
        self.told = -1

    def __call__(self, done: int, total: int | None) -> None:
        if done // 1_000_000 > self.told or done == total:
            self.told = done // 1_000_000
            of = f" of {total / 1e6:.1f}" if total else ""
            end = "\n" if done == total or not sys.stderr.isatty() else ""
            start = "\r" if sys.stderr.isatty() else ""
            print(f"{start}{done / 1e6:.1f}{of} MB", end=end, file=sys.stderr, flush=True)
