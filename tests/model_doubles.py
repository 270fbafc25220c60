"""A model with a background, made in a test: the shipped encoder, and windows of a few generated motions."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from anywear import Placement, Recording
from anywear.motion.generate import generate
from anywear.runtime import Model
from anywear.runtime.background import FILE, Background
from anywear.runtime.imagine import ImagineConfig, Setup, imagine
from anywear.runtime.model import WEIGHTS_DIR
from anywear.runtime.recognition import BY, Basis
from anywear.simulate import Simulator

SEEN = ("walking_forward", "running", "standing", "sitting", "lying_on_back", "stairs_up", "vacuuming", "waving")
SITES = ("waist", "left_wrist", "right_front_pocket")
OWN_FILES = ("motion.onnx", "textspace.npz")


def write_small_model(folder: Path, *, with_background: bool = True) -> Path:
    """A model's folder; the text tower stays where it is shipped."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in OWN_FILES:
        shutil.copyfile(WEIGHTS_DIR / name, folder / name)
    config = replace(Model(WEIGHTS_DIR).config, files={}, scoring={})
    config.save(folder / "model.json")
    scoring = {}
    if with_background:
        small_background(Model(folder)).save(folder)
        bases = (Basis(by, hubs) for by in BY for hubs in (False, True))
        scoring = {basis.name: {"scale": 1.5, "threshold": 0.0} for basis in bases if not basis.is_plain}
    own = [folder / name for name in (*OWN_FILES, FILE) if (folder / name).exists()]
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in own}
    replace(config, files=files, scoring=scoring).save(folder / "model.json")
    return folder


def small_background(model: Model) -> Background:
    """Windows of `SEEN` motions at `SITES`, by every sensor alone and by all."""
    setup = Setup(tuple(Placement.at(site) for site in SITES), (True,) * 3, (50.0,) * 3, 128)
    vectors, points, motions = [], [], []
    for program in SEEN:
        for number in (100, 101):
            made = imagine(program, number, setup, ImagineConfig(seconds=6.0))
            for streams in (*((own,) for own in made.streams), made.streams):
                own = model.embed(made.with_streams(list(streams)), hop_s=1.0).vectors
                where = np.mean([stream.placement.rest_point()[0] for stream in streams], axis=0)
                vectors.append(own)
                points += [where] * len(own)
                motions += [program] * len(own)
    return Background.fit(np.concatenate(vectors), np.stack(points), motions)


@cache
def recorded(program: str, seed: int, sites: tuple[str, ...] = ("waist",), seconds: float = 8.0) -> Recording:
    """A motion as an ideal sensor records it, by another way than `imagine` goes."""
    clip = generate(program, seed).clip
    if clip.duration_s > seconds:
        clip = clip.slice(0.0, seconds)
    return Simulator(clip, lowpass_hz=None).record(sites, rate_hz=50.0, seed=seed, one_clock=True)
