"""Joint names of many skeletons land on the right segments."""

from __future__ import annotations

import pytest

from anywear.bodygraph import SEGMENT_NAMES
from anywear.errors import FormatError
from anywear.motion import require_segments, segments_of, smpl

ASF = [
    "root",
    "lhipjoint",
    "lfemur",
    "ltibia",
    "lfoot",
    "ltoes",
    "rhipjoint",
    "rfemur",
    "rtibia",
    "rfoot",
    "rtoes",
    "lowerback",
    "upperback",
    "thorax",
    "lowerneck",
    "upperneck",
    "head",
    "lclavicle",
    "lhumerus",
    "lradius",
    "lwrist",
    "lhand",
    "lfingers",
    "lthumb",
    "rclavicle",
    "rhumerus",
    "rradius",
    "rwrist",
    "rhand",
    "rfingers",
    "rthumb",
]
CMU_BVH = [
    "Hips",
    "LHipJoint",
    "LeftUpLeg",
    "LeftLeg",
    "LeftFoot",
    "LeftToeBase",
    "RHipJoint",
    "RightUpLeg",
    "RightLeg",
    "RightFoot",
    "RightToeBase",
    "LowerBack",
    "Spine",
    "Spine1",
    "Neck",
    "Neck1",
    "Head",
    "LeftShoulder",
    "LeftArm",
    "LeftForeArm",
    "LeftHand",
    "LeftFingerBase",
    "LeftHandIndex1",
    "LThumb",
    "RightShoulder",
    "RightArm",
    "RightForeArm",
    "RightHand",
    "RightFingerBase",
    "RightHandIndex1",
    "RThumb",
]
MIXAMO = [
    f"mixamorig:{name}"
    for name in [
        "Hips",
        "Spine",
        "Spine1",
        "Spine2",
        "Neck",
        "Head",
        "LeftShoulder",
        "LeftArm",
        "LeftForeArm",
        "LeftHand",
        "LeftHandMiddle1",
        "RightShoulder",
        "RightArm",
        "RightForeArm",
        "RightHand",
        "RightHandMiddle1",
        "LeftUpLeg",
        "LeftLeg",
        "LeftFoot",
        "LeftToeBase",
        "RightUpLeg",
        "RightLeg",
        "RightFoot",
        "RightToeBase",
    ]
]
DAZ = [
    "hip",
    "abdomen",
    "chest",
    "neck",
    "head",
    "leftEye",
    "rCollar",
    "rShldr",
    "rForeArm",
    "rHand",
    "rMid1",
    "lCollar",
    "lShldr",
    "lForeArm",
    "lHand",
    "lMid1",
    "rButtock",
    "rThigh",
    "rShin",
    "rFoot",
    "lButtock",
    "lThigh",
    "lShin",
    "lFoot",
]
DEEPMIMIC = [
    "root",
    "chest",
    "neck",
    "right_hip",
    "right_knee",
    "right_ankle",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_hip",
    "left_knee",
    "left_ankle",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
]
BLENDER = [
    "pelvis",
    "spine",
    "spine.001",
    "neck",
    "face",
    "shoulder.L",
    "upper_arm.L",
    "forearm.L",
    "shoulder.R",
    "upper_arm.R",
    "forearm.R",
    "thigh.L",
    "shin.L",
    "foot.L",
    "thigh.R",
    "shin.R",
    "foot.R",
]


@pytest.mark.parametrize("joints", [ASF, CMU_BVH, MIXAMO, list(smpl.JOINTS)])
def test_complete_skeletons_reach_all_segments(joints):
    found = segments_of(joints)
    assert list(found) == list(SEGMENT_NAMES)
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("joints", "segment", "joint"),
    [
        (ASF, "left_thigh", "lfemur"),
        (ASF, "right_hand", "rhand"),
        (ASF, "abdomen", "lowerback"),
        (ASF, "neck", "lowerneck"),
        (CMU_BVH, "left_shoulder", "LeftShoulder"),
        (CMU_BVH, "left_hand", "LeftFingerBase"),
        (CMU_BVH, "lower_chest", "Spine"),
        (MIXAMO, "right_upper_arm", "mixamorig:RightArm"),
        (MIXAMO, "chest", "mixamorig:Spine2"),
        (DAZ, "left_upper_arm", "lShldr"),
        (DAZ, "right_shank", "rShin"),
        (DAZ, "pelvis", "hip"),
        (DEEPMIMIC, "left_upper_arm", "left_shoulder"),
        (DEEPMIMIC, "right_foot", "right_ankle"),
        (DEEPMIMIC, "left_thigh", "left_hip"),
        (BLENDER, "left_thigh", "thigh.L"),
        (BLENDER, "right_shoulder", "shoulder.R"),
        (BLENDER, "chest", "spine.001"),
        (list(smpl.JOINTS), "left_toes", "left_foot"),
        (list(smpl.JOINTS), "left_foot", "left_ankle"),
        (list(smpl.JOINTS), "left_hand", "left_wrist"),
        (list(smpl.JOINTS), "left_upper_arm", "left_shoulder"),
    ],
)
def test_words_that_differ_between_skeletons(joints, segment, joint):
    assert segments_of(joints)[segment] == joint
    assert require_segments(joints)[segment] == joint


def test_missing_segments_and_unknown_names_are_listed():
    with pytest.raises(FormatError) as error:
        require_segments(["Hips", "Spine", "Tentacle1", "LeftArm"], where="octopus.bvh")
    text = str(error.value)
    assert "Tentacle1" in text and "right_thigh" in text and "octopus.bvh" in text
