"""Protocols that judge models on public data: one module per benchmark, one registry, tables and JSON."""

from __future__ import annotations

from .bases import BasesConfig, BasesReport, run_bases
from .bases_tables import bases_json, bases_table
from .caption import CaptionConfig, CaptionReport, run_caption
from .caption_tables import caption_json, caption_table
from .gestures import GesturesConfig, GesturesReport, run_gestures
from .gestures_tables import gestures_json, gestures_table
from .har import HarConfig, Report, SetResult, run, score
from .mount import MountReport, run_mount
from .mount_tables import mount_json, mount_table
from .nucleus import NucleusReport, run_nucleus
from .nucleus_tables import nucleus_json, nucleus_table
from .probe import ProbeReport, run_probe
from .probe_contest import ProbeConfig
from .probe_tables import probe_json, probe_table
from .registry import BENCHMARKS, Benchmark, benchmark
from .retrieval import RetrievalConfig, RetrievalReport, retrieval_json, retrieval_table, run_retrieval
from .setup import SetupConfig, SetupReport, run_setup, score_setup
from .setup_tables import setup_json, setup_table
from .simulation import SimulationReport, run_simulation
from .simulation_tables import simulation_json, simulation_table
from .tables import har_json, har_table, spread_table
from .tokens import TokensReport, compare_tokens, run_tokens, tokens_json, tokens_table

__all__ = [
    "BENCHMARKS",
    "BasesConfig",
    "BasesReport",
    "Benchmark",
    "CaptionConfig",
    "CaptionReport",
    "GesturesConfig",
    "GesturesReport",
    "HarConfig",
    "MountReport",
    "NucleusReport",
    "ProbeConfig",
    "ProbeReport",
    "Report",
    "RetrievalConfig",
    "RetrievalReport",
    "SetResult",
    "SetupConfig",
    "SetupReport",
    "SimulationReport",
    "TokensReport",
    "bases_json",
    "bases_table",
    "benchmark",
    "caption_json",
    "caption_table",
    "compare_tokens",
    "gestures_json",
    "gestures_table",
    "har_json",
    "har_table",
    "mount_json",
    "mount_table",
    "nucleus_json",
    "nucleus_table",
    "probe_json",
    "probe_table",
    "retrieval_json",
    "retrieval_table",
    "run",
    "run_bases",
    "run_caption",
    "run_gestures",
    "run_mount",
    "run_nucleus",
    "run_probe",
    "run_retrieval",
    "run_setup",
    "run_simulation",
    "run_tokens",
    "score",
    "score_setup",
    "setup_json",
    "setup_table",
    "simulation_json",
    "simulation_table",
    "spread_table",
    "tokens_json",
    "tokens_table",
]
