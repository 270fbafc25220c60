from __future__ import annotations

import copy
import pickle

import pytest

from anywear import errors
from anywear.errors import AnywearError, FormatError, PlacementError, UsageError, unknown_name

KINDS = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, AnywearError)]
FIELDS = ("what", "where", "expected", "got", "remedy")


def test_message_holds_every_field_in_order():
    error = AnywearError("It broke", where="walk.csv, row 3", expected="a number", got="'x'", remedy="Fix row 3")
    assert str(error).splitlines() == [
        "It broke",
        "  where: walk.csv, row 3",
        "  expected: a number",
        "  got: 'x'",
        "  remedy: Fix row 3",
    ]


def test_fields_nobody_gave_are_not_shown():
    assert str(AnywearError("It broke")) == "It broke"
    assert str(AnywearError("It broke", got="")) == "It broke\n  got: "


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_one_family_and_survives_pickling_and_copying(kind):
    error = kind("It broke", where="here", expected="this", got="that", remedy="the other")
    assert isinstance(error, AnywearError)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is kind
        assert [getattr(twin, name) for name in FIELDS] == [getattr(error, name) for name in FIELDS]
        assert str(twin) == str(error)


def test_an_error_crosses_a_worker_process_with_missing_fields():
    twin = pickle.loads(pickle.dumps(FormatError("It broke", remedy="Look")))
    assert (twin.where, twin.expected, twin.got, twin.remedy) == (None, None, None, "Look")


def test_unknown_name_offers_the_nearest():
    error = unknown_name("placement", "left_wirst", ["left_wrist", "right_wrist", "chest"], error=PlacementError)
    assert isinstance(error, PlacementError)
    assert "'left_wirst'" in error.what
    assert error.remedy.startswith("Did you mean left_wrist")
    assert error.expected == "chest, left_wrist, right_wrist"


def test_unknown_name_lists_all_when_none_is_near():
    error = unknown_name("format", "zzz", {"csv": 1, "phyphox": 2})
    assert isinstance(error, UsageError)
    assert error.remedy == "Choose one of: csv, phyphox"
