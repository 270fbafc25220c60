from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from anywear.errors import AnywearError, FormatError, UsageError
from anywear.placement import Mount, Placement
from anywear.recording import LATEST_S, Note, Recording, Span, Stream


def still(count: int = 5) -> dict:
    acc = np.tile([0.0, 0.0, 9.81], (count, 1))
    return {"time_s": np.arange(count) / 50, "acc_mps2": acc, "gyr_radps": np.zeros((count, 3))}


def stream(name: str = "watch", **changes) -> Stream:
    return Stream(name, **{**still(), **changes})


def whole() -> Recording:
    return Recording(
        (stream("watch", placement=Placement.at("left_wrist", Mount(outward_axis=(0.0, 0.0, 1.0)))),
         stream("phone", gyr_radps=None, nominal_rate_hz=50.0, notes=(Note("assumed", "about the phone"),))),
        source="walk.zip",
        reader="phyphox",
        device="a phone",
        start_unix_s=1.7e9,
        labels=(Span(0.0, 0.05, "walking"),),
        notes=(Note("detected", "about all"),),
        metadata={"subject": "7"},
    )  # fmt: skip


def test_a_stream_holds_what_it_was_given():
    own = stream(nominal_rate_hz=50.0)
    assert len(own) == 5
    assert own.time_s.dtype == np.float64
    assert own.acc_mps2.dtype == own.gyr_radps.dtype == np.float32
    assert own.duration_s == pytest.approx(0.08)
    assert own.effective_rate_hz == pytest.approx(50.0)
    assert repr(own) == "Stream('watch', unknown, acc+gyr, 5 samples, 0.1 s, 50.0 Hz)"


def test_streams_do_not_share_memory_with_their_maker():
    arrays = still()
    own = Stream("watch", **arrays)
    arrays["acc_mps2"][:] = 7.0
    arrays["time_s"][0] = 99.0
    assert own.acc_mps2[0, 2] == pytest.approx(9.81)
    assert own.time_s[0] == 0.0
    assert arrays["time_s"].flags.writeable, "the caller may go on with its own array"


def test_arrays_given_up_are_not_copied():
    acc = np.tile(np.float32([0.0, 0.0, 9.81]), (5, 1))
    acc.setflags(write=False)
    assert stream(acc_mps2=acc).acc_mps2 is acc


def unpickled(own):
    return pickle.loads(pickle.dumps(own))


@pytest.mark.parametrize("reborn", [lambda own: own, unpickled, copy.deepcopy, copy.copy])
def test_streams_cannot_be_changed(reborn):
    own = reborn(stream())
    for values in (own.time_s, own.acc_mps2, own.gyr_radps):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0
    with pytest.raises(FrozenInstanceError):
        own.name = "other"


@pytest.mark.parametrize("reborn", [unpickled, copy.deepcopy])
def test_recordings_come_back_from_pickling_as_they_were(reborn):
    before = whole()
    after = reborn(before)
    for field in ("source", "reader", "device", "start_unix_s", "labels", "notes", "metadata"):
        assert getattr(after, field) == getattr(before, field), field
    for one, two in zip(before.streams, after.streams, strict=True):
        for field in ("name", "placement", "nominal_rate_hz", "notes"):
            assert getattr(one, field) == getattr(two, field), field
        np.testing.assert_array_equal(one.time_s, two.time_s)
        np.testing.assert_array_equal(one.acc_mps2, two.acc_mps2)
        assert (one.gyr_radps is None) == (two.gyr_radps is None)
    with pytest.raises(TypeError):
        after.metadata["subject"] = "8"


def bad(**changes) -> tuple[FormatError, str]:
    with pytest.raises(FormatError) as caught:
        stream(**changes)
    return caught.value, str(caught.value)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_samples(count):
    error, text = bad(**still(count))
    assert "at least two samples" in text
    assert error.where == "watch"
    assert error.remedy


def as_users_have_it(**changes) -> Stream:
    """A stream made past the checker of annotations, which users do not run."""
    own = object.__new__(Stream)
    fields = {"name": "watch", "placement": Placement.unknown(), "notes": (), **still(), **changes}
    for field, value in fields.items():
        object.__setattr__(own, field, value)
    own.__post_init__()
    return own


@pytest.mark.parametrize("field", ["acc_mps2", "gyr_radps"])
@pytest.mark.parametrize("shape", [(4, 3), (5, 2), (5,), (3, 5), ()])
def test_shapes_that_do_not_fit_the_stamps(field, shape):
    with pytest.raises(FormatError, match=field) as caught:
        as_users_have_it(**{field: np.zeros(shape)})
    error = caught.value
    assert (error.where, error.expected, error.got) == ("watch", "shape (5, 3)", f"shape {shape}")


@pytest.mark.parametrize("shape", [(5, 1), ()])
def test_stamps_that_are_no_list(shape):
    with pytest.raises(FormatError, match="list of two or more"):
        as_users_have_it(time_s=np.zeros(shape))


@pytest.mark.parametrize("field", ["acc_mps2", "gyr_radps"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
def test_values_that_are_not_finite_are_told_with_their_row(field, value):
    values = still()[field]
    values[3, 1] = value
    error, text = bad(**{field: values})
    assert field in text
    assert error.where == "watch, sample 3"
    assert "gap" in error.remedy


@pytest.mark.parametrize(("row", "value"), [(0, np.nan), (2, np.nan), (4, np.inf), (0, -np.inf), (4, 2 * LATEST_S)])
def test_stamps_that_are_no_seconds_are_told_with_their_row(row, value):
    time = still()["time_s"]
    time[row] = value
    error, text = bad(time_s=time)
    assert "no number of seconds" in text
    assert error.where == f"watch, sample {row}"
    assert error.remedy


@pytest.mark.parametrize("step", [0.0, -0.01, -5.0])
def test_stamps_that_do_not_increase_are_told_with_their_row(step):
    time = still()["time_s"]
    time[3] = time[2] + step
    error, text = bad(time_s=time)
    assert "increase" in text
    assert error.where == "watch, sample 3"
    assert "build_stream" in error.remedy


def test_unix_stamps_are_legal():
    assert stream(time_s=1.7e9 + np.arange(5) / 50).effective_rate_hz == pytest.approx(50, rel=1e-4)


def test_a_recording_needs_a_sensor():
    with pytest.raises(FormatError, match="No motion sensor") as caught:
        Recording((), source="walk.zip")
    assert caught.value.where == "walk.zip"
    assert caught.value.remedy


def test_names_of_streams_are_unique():
    with pytest.raises(FormatError, match="same name"):
        Recording((stream(), stream()))


def test_a_recording_lasts_from_the_first_to_the_last_sample():
    own = Recording((stream("a", time_s=3.0 + np.arange(5)), stream("b", time_s=-1.0 + np.arange(5) * 0.5)))
    assert (own.start_s, own.end_s, own.duration_s) == (-1.0, 7.0, 8.0)


def test_streams_are_found_by_name():
    own = whole()
    assert own.stream("phone").gyr_radps is None
    with pytest.raises(UsageError, match="watch") as caught:
        own.stream("wotch")
    assert isinstance(caught.value, AnywearError)


def test_notes_of_all_and_of_each():
    own = whole()
    assert [(name, note.text) for name, note in own.all_notes()] == [("", "about all"), ("phone", "about the phone")]
    assert str(own.notes[0]) == "detected: about all"
    with pytest.raises(ValueError, match="guessed"):
        Note("guessed", "nothing")


def test_a_placement_given_later_is_noted():
    own = stream(notes=(Note("detected", "first"),))
    moved = own.with_placement(Placement.at("chest"))
    assert moved.placement.name == "chest"
    assert [note.kind for note in moved.notes] == ["detected", "assumed"]
    assert "chest" in moved.notes[-1].text
    assert own.placement.name == "unknown"
    assert moved.acc_mps2 is own.acc_mps2, "the samples are not copied"


def test_other_streams_in_the_same_recording():
    own = whole()
    fewer = own.with_streams([own.stream("phone")])
    assert [s.name for s in fewer.streams] == ["phone"]
    assert (fewer.source, fewer.labels, fewer.metadata) == (own.source, own.labels, own.metadata)
    assert replace(own, device="another").metadata == {"subject": "7"}


def test_metadata_cannot_be_changed_from_outside():
    facts = {"subject": "7"}
    own = Recording((stream(),), metadata=facts)
    facts["subject"] = "8"
    assert own.metadata["subject"] == "7"
    with pytest.raises(TypeError):
        own.metadata["subject"] = "9"
