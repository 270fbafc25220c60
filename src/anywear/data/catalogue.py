"""Everything anywear can learn from or be judged on: what it is, under which terms, where from, how it is recognised.

Facts only: an address stands here where it is public and stable, a checksum where it is known. Where neither is, the steps
say how a person gets it, and ``anywear data get NAME --from PATH`` checks what was got.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..corpus.mocap import ARCHIVES
from ..datasets import DATASETS
from ..errors import unknown_name
from .archives import PROJECT_ARCHIVES
from .fetch import Download

KINDS = ("wearable", "motion", "text", "body", "corpus")


@dataclass(frozen=True)
class DataEntry:
    """One data set.

    Attributes:
        name: what ``anywear data get`` takes, and its folder's name.
        kind: one of `KINDS`.
        about: one line.
        role: ``train``, ``eval``, ``test`` or ``user`` (for those who accept its terms; no shipped model learns from it).
        licence: as its publishers state it.
        url: its page.
        looks_like: patterns of relative paths; a folder or archive holds the set when each is found.
        downloads: files that are public without registration.
        archive_sha256: of the project's own archive ``NAME.tar.xz``, where there is one.
        archive_bytes: its size.
        steps: how a person gets it.
    """

    name: str
    kind: str
    about: str
    role: str
    licence: str
    url: str
    looks_like: tuple[str, ...]
    downloads: tuple[Download, ...] = ()
    archive_sha256: str | None = None
    archive_bytes: int | None = None
    steps: tuple[str, ...] = ()

    def missing(self, names: Sequence[str]) -> tuple[str, ...]:
        """The patterns that none of these paths fits."""
        return tuple(p for p in self.looks_like if not any(re.search(p, name) for name in names))

    @property
    def how(self) -> str:
        """How it is got: ``download``, ``by hand`` or ``build``."""
        if self.kind == "corpus":
            return "build"
        return "download" if self.downloads else "by hand"


def _own(entry: DataEntry) -> DataEntry:
    sha256, size = PROJECT_ARCHIVES.get(entry.name, (None, None))
    return replace(entry, archive_sha256=sha256, archive_bytes=size)


def _uci(number: int, file: str) -> Download:
    return Download(f"https://archive.ics.uci.edu/static/public/{number}/{file}.zip", f"{file.replace('+', '-')}.zip")


def _har(
    name: str,
    about: str,
    licence: str,
    url: str,
    looks_like: str,
    *,
    role: str = "user",
    download: Download | None = None,
) -> DataEntry:
    steps = () if download else (f"Open {url} and download the set", f"anywear data get {name} --from PATH")
    return DataEntry(
        name, "wearable", about, role, licence, url, (looks_like,), (download,) if download else (), steps=steps
    )


def _registered(
    name: str, kind: str, about: str, licence: str, url: str, looks_like: tuple[str, ...], steps: tuple[str, ...]
) -> DataEntry:
    return DataEntry(
        name, kind, about, "user", licence, url, looks_like, steps=(*steps, f"anywear data get {name} --from PATH")
    )


_SHIPPED_LAYOUT = {
    "basicmotions": r"BasicMotions.*\.(ts|arff)$",
    "broad": r"\.mat$|\.hdf5$",
    "dsads": r"a\d\d/p\d/s\d\d\.txt$",
    "imu-digits": r"imu_complete_data_\d_\d+_\d+\.csv$",
    "sisfall": r"[DF]\d\d_S[AE]\d\d_R\d\d\.txt$",
    "sp-sw-har": r"s\d\d_\d\d_s[pw]\.csv$",
    "uhh-gestures": r"\.npz$",
    "usc-had": r"Subject\d+/a\d+t\d+\.mat$",
    "utd-mhad": r"a\d+_s\d+_t\d+_inertial\.mat$",
}
_DOWNLOADS = {
    "dsads": _uci(256, "daily+and+sports+activities"),
    "usc-had": Download("https://sipi.usc.edu/had/USC-HAD.zip", "USC-HAD.zip"),
}


def _known_sets() -> list[DataEntry]:
    entries = []
    for name, dataset in sorted(DATASETS.items()):
        info, download = dataset.info, _DOWNLOADS.get(name)
        steps = () if download else (f"Open {info.url} and download the set", f"anywear data get {name} --from PATH")
        entries.append(
            DataEntry(
                name, "wearable", info.about, info.role, info.licence, info.url, (_SHIPPED_LAYOUT[name],),
                (download,) if download else (), steps=steps,
            )
        )  # fmt: skip
    return entries


_MOCAP = {
    "cmu-iclone": (
        "61 CMU trials on Reallusion's skeleton (BVH), and CMU's index", "http://mocap.cs.cmu.edu",
        (r"00\d_\d\d\.bvh$", r"CMU data\.csv$"),
    ),
    "cmu-deepmimic": (
        "CMU trials on DeepMimic's humanoid (JSON), and its own clips", "http://mocap.cs.cmu.edu", (r"\d\d_\d\d\.txt$",)
    ),
    "cmu-dance-martial": (
        "salsa and karate of CMU (BVH)", "http://mocap.cs.cmu.edu", (r"salsa/\d\d\.bvh$", r"martial/\d\d\.bvh$")
    ),
    "cmu-actions": (
        "seven actions of CMU as exponential maps", "http://mocap.cs.cmu.edu", (r"walking/walking_\d+\.txt$",)
    ),
    "cmu-mocap6": (
        "exercises of CMU's subjects 13 and 14 (AMC) with labels", "http://mocap.cs.cmu.edu",
        (r"1[34]_\d\d\.amc$", r"truelabels/.*\.txt$"),
    ),
    "hdm05": (
        "11 classes of HDM05 by five actors (ASF/AMC)", "https://resources.mpi-inf.mpg.de/HDM05/",
        (r"HDM_\w+_120\.amc$", r"\.asf$"),
    ),
    "reactidle": ("standing idle, acted and genuine (BVH)", "https://arxiv.org/abs/2509.05023", (r"_genuine\.bvh$",)),
}  # fmt: skip


def _motion_sets() -> list[DataEntry]:
    licences = {archive.name: archive.licence for archive in ARCHIVES}
    return [
        DataEntry(
            name, "motion", about, "train", licences[name], url, patterns,
            steps=(
                f"Take the project's archive {name}.tar.xz, or the files from {url}",
                f"anywear data get {name} --from PATH",
            ),
        )
        for name, (about, url, patterns) in _MOCAP.items()
    ]  # fmt: skip


_OTHERS = (
    DataEntry(
        "makehuman-cc0", "body", "base mesh, rig and shape targets of anywear's body", "train", "CC0",
        "https://github.com/makehumancommunity/makehuman", (r"\.obj$", r"\.target"),
        steps=("Take the project's archive makehuman-cc0.tar.xz", "anywear data get makehuman-cc0 --from PATH"),
    ),
    DataEntry(
        "humanml3d-texts", "text", "captions of HumanML3D, its index and splits; no motion", "train", "MIT",
        "https://github.com/EricGuo5513/HumanML3D", (r"texts/\d{6}\.txt$", r"index\.csv$"),
        steps=(
            "Clone https://github.com/EricGuo5513/HumanML3D and unpack HumanML3D/texts.zip beside index.csv",
            "anywear data get humanml3d-texts --from PATH",
        ),
    ),
    DataEntry(
        "kitml-texts", "text", "captions of KIT-ML by AMASS path; no motion", "train",
        "free with citation (Plappert et al. 2016)", "https://motion-annotation.humanoids.kit.edu/dataset/",
        (r"annotations\.json$",),
        steps=("Take the project's archive kitml-texts.tar.xz", "anywear data get kitml-texts --from PATH"),
    ),
    DataEntry(
        "cmu-join", "text", "which CMU clips carry which captions", "train", "facts", "http://mocap.cs.cmu.edu",
        (r"cmu_join\.csv$",),
        steps=("Take the project's archive cmu-join.tar.xz", "anywear data get cmu-join --from PATH"),
    ),
    DataEntry(
        "free-mocap", "corpus", "all free motion capture with captions, checked, split, compact", "train",
        "per clip: CMU, CC BY-SA 3.0 (HDM05), MIT", "http://mocap.cs.cmu.edu", (r"manifest\.json$",),
        steps=("anywear data build-corpus DIR -o OUT, DIR holding the motion archives and texts above",),
    ),
    _registered(
        "amass", "motion", "40 h of motion capture as SMPL poses", "research only, not commercial; registration",
        "https://amass.is.tue.mpg.de", (r"_poses\.npz$|_stageii\.npz$",),
        (
            "Register at https://amass.is.tue.mpg.de and accept its licence",
            "Download the SMPL-H G (or SMPL-X G) archives of the parts you want and unpack them into one folder: "
            "PART/SUBJECT/NAME_poses.npz",
        ),
    ),
    _registered(
        "humanml3d", "motion", "motions of HumanML3D as joint positions", "as AMASS and HumanAct12; research only",
        "https://github.com/EricGuo5513/HumanML3D", (r"joints/M?\d{6}\.npy$",),
        (
            "Get amass first, SMPL-H G",
            "Clone https://github.com/EricGuo5513/HumanML3D and run its three notebooks: they write HumanML3D/new_joints",
            "Name the folder of these files joints, or give the HumanML3D folder",
        ),
    ),
    _registered(
        "nymeria", "motion", "everyday motion with wristbands, glasses and narration",
        "research only, not commercial; registration", "https://www.projectaria.com/datasets/nymeria/",
        (r"body/xdata\.npz$",),
        (
            "Ask for access at https://www.projectaria.com/datasets/nymeria/; a file of download links comes by e-mail",
            "Download the body motion and narrations with the tool of https://github.com/facebookresearch/nymeria_dataset",
        ),
    ),
    _registered(
        "babel", "text", "labels of AMASS, of sequences and frames", "research only, not commercial; registration",
        "https://babel.is.tue.mpg.de", (r"train\.json$", r"val\.json$"),
        ("Register at https://babel.is.tue.mpg.de and download the annotations (train.json, val.json)",),
    ),
    _har(
        "pamap2", "18 activities, 9 subjects, hand, chest, ankle", "CC BY 4.0 (UCI)",
        "https://archive.ics.uci.edu/dataset/231/pamap2+physical+activity+monitoring", r"subject10\d\.dat$|PAMAP2.*\.zip$",
        download=_uci(231, "pamap2+physical+activity+monitoring"),
    ),
    _har(
        "uci-har", "6 activities, 30 subjects, phone at the waist", "CC BY 4.0 (UCI)",
        "https://archive.ics.uci.edu/dataset/240/human+activity+recognition+using+smartphones",
        r"body_acc_x_train\.txt$|UCI HAR Dataset\.zip$", download=_uci(240, "human+activity+recognition+using+smartphones"),
    ),
    _har(
        "opportunity", "daily activities in a kitchen, 4 subjects, body-worn units", "CC BY 4.0 (UCI)",
        "https://archive.ics.uci.edu/dataset/226/opportunity+activity+recognition", r"S\d-(ADL\d|Drill)\.dat$",
        download=_uci(226, "opportunity+activity+recognition"),
    ),
    _har(
        "mhealth", "12 activities, 10 subjects, chest, wrist, ankle", "CC BY 4.0 (UCI)",
        "https://archive.ics.uci.edu/dataset/319/mhealth+dataset", r"mHealth_subject\d+\.log$",
        download=_uci(319, "mhealth+dataset"),
    ),
    _har(
        "wisdm", "18 activities, 51 subjects, phone and watch", "CC BY 4.0 (UCI)",
        "https://archive.ics.uci.edu/dataset/507/wisdm+smartphone+and+smartwatch+activity+and+biometrics+dataset",
        r"data_\d{4}_(accel|gyro)_(phone|watch)\.txt$|wisdm-dataset\.zip$",
        download=_uci(507, "wisdm+smartphone+and+smartwatch+activity+and+biometrics+dataset"),
    ),
    _har(
        "motionsense", "6 activities, 24 subjects, phone in the pocket", "ask its authors",
        "https://github.com/mmalekzadeh/motion-sense", r"(dws|ups|wlk|jog|std|sit)_\d+/sub_\d+\.csv$",
    ),
    _har(
        "realworld", "8 activities, 15 subjects, 7 places", "free for research; see its page",
        "https://www.uni-mannheim.de/dws/research/projects/activity-recognition/dataset/dataset-realworld/",
        r"(acc|gyr)_\w+_(csv\.zip|\w+\.csv)$",
    ),
    _har("shoaib", "7 activities, 10 subjects, 5 places", "ask its authors",
         "https://www.utwente.nl/en/eemcs/ps/research/dataset/", r"Participant_\d+\.csv$"),
    _har("wharf", "14 activities of daily living, wrist", "see its page", "https://github.com/fulviomas/WHARF",
         r"Accelerometer-[\d-]+-\w+-\w+\.txt$"),
    _har("w-har", "7 activities, 22 subjects, ankle and stretch sensor", "see its page",
         "https://github.com/gmbhat/human-activity-recognition", r"\.csv$"),
    _har("tnda-har", "8 activities, 50 subjects, 5 places", "IEEE DataPort; account needed",
         "https://ieee-dataport.org", r"\.(csv|mat|txt)$"),
    _har("openpack", "packing work, 4 body-worn units", "CC BY-NC-SA 4.0", "https://open-pack.github.io",
         r"atr0\d/S\d{4}\.csv$"),
    _registered(
        "ego4d", "wearable", "first-person video, some with an IMU", "Ego4D licence; registration",
        "https://ego4d-data.org", (r"ego4d\.json$",),
        ("Sign the licence at https://ego4d-data.org and wait for the keys",
         "Install its command line tool and download the data set imu and the annotations"),
    ),
    _registered(
        "egoexo4d", "wearable", "skilled activities, glasses with an IMU", "Ego-Exo4D licence; registration",
        "https://ego-exo4d-data.org", (r"takes\.json$",),
        ("Sign the licence at https://ego-exo4d-data.org and wait for the keys",
         "Install its command line tool and download takes and annotations"),
    ),
    _registered(
        "mmea", "wearable", "32 daily activities, glasses with camera and IMU", "research only; ask its authors",
        "https://github.com/Xu-Linfeng/UESTC_MMEA_CL_main", (r"\.csv$",),
        ("Ask its authors as https://github.com/Xu-Linfeng/UESTC_MMEA_CL_main describes",),
    ),
)  # fmt: skip

CATALOGUE: dict[str, DataEntry] = {entry.name: _own(entry) for entry in (*_known_sets(), *_motion_sets(), *_OTHERS)}


def data_entry(name: str) -> DataEntry:
    """The data set of this name. Raises UsageError with the nearest names when there is none."""
    if name not in CATALOGUE:
        raise unknown_name("data set", name, CATALOGUE)
    return CATALOGUE[name]
