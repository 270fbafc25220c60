from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_files import table_text

from anywear.errors import FormatError
from anywear.io import csvtext
from anywear.io.csvtext import EmptyTableError, read_columns


def table_of(text: str | bytes, encoding: str = "utf-8"):
    return read_columns(io.BytesIO(text if isinstance(text, bytes) else text.encode(encoding)), where="walk.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize(
    "delimiter,decimal", [(",", "."), (";", ","), (";", "."), ("\t", ","), ("\t", "."), ("|", "."), ("  ", ".")]
)
def test_every_dialect_gives_the_same_numbers(delimiter, decimal, encoding):
    columns = {"t": [0.0, 0.5, 1.0], "größe": [1.25, -2e-3, 1e5], "z": [7.0, 8.0, 9.5]}
    table = table_of(table_text(columns, delimiter, decimal), encoding)
    assert table.names == list(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(table.column(name), values)


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=3), min_size=2, max_size=30),
    st.sampled_from([(",", "."), (";", ","), ("\t", ","), (" ", ".")]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=60, deadline=None)
def test_numbers_survive_any_dialect(rows, dialect, header, line_end):
    delimiter, decimal = dialect
    columns = {name: [row[i] for row in rows] for i, name in enumerate(("alpha", "beta", "gamma"))}
    text = table_text(columns, delimiter, decimal, header).replace("\n", line_end)
    table = table_of(text)
    assert table.names == (list(columns) if header else ["c0", "c1", "c2"])
    for name, values in zip(table.names, columns.values(), strict=True):
        np.testing.assert_array_equal(table.column(name), values)


def test_missing_cells_are_nan():
    table = table_of("t,x\n0,nan\n1,\n2,NaN\n3,  \n4,5\n5,N/A\n6,null\n")
    np.testing.assert_array_equal(table.column("x"), [np.nan] * 4 + [5.0] + [np.nan] * 2)


def test_blocks_join_seamlessly(monkeypatch):
    monkeypatch.setattr(csvtext, "BLOCK_BYTES", 1 << 10)
    values = np.arange(3000) / 8
    words = ["up stairs" if k % 3 else "down" for k in range(3000)]
    table = table_of(table_text({"t": values, "label": words, "x": -values}))
    got = table.columns({"x": np.float32, "label": str, "t": np.float64})
    np.testing.assert_array_equal(got["t"], values)
    assert got["x"].dtype == np.float32
    np.testing.assert_array_equal(got["x"], -values.astype(np.float32))
    assert got["label"].tolist() == words
    assert got["label"].words == ("down", "up stairs")


def test_blanks_join_seamlessly_over_blocks(monkeypatch):
    monkeypatch.setattr(csvtext, "BLOCK_BYTES", 1 << 9)
    text = "".join(f"  {k}    {k / 4}\t{-k}  \n\n" for k in range(500))
    table = table_of(text)
    np.testing.assert_array_equal(table.column("c1"), np.arange(500) / 4)
    np.testing.assert_array_equal(table.column("c2"), -np.arange(500.0))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_text_joins_seamlessly_over_blocks(monkeypatch, encoding):
    monkeypatch.setattr(csvtext, "BLOCK_BYTES", 1 << 9)
    words = ["größer" * (k % 7) for k in range(400)]
    table = table_of(table_text({"ä": words, "x": np.arange(400.0)}), encoding)
    assert table.text("ä") == words
    np.testing.assert_array_equal(table.column("x"), np.arange(400))


def test_latin_1_deep_in_a_file_that_seemed_to_be_utf_8(monkeypatch):
    monkeypatch.setattr(csvtext, "HEAD_BYTES", 1 << 10)
    lines = "t,label\n" + "".join(f"{k},fine\n" for k in range(500)) + "500,größer\n501,fine\n"
    table = table_of(lines, "latin-1")
    assert table.dialect.encoding == "utf-8"
    assert table.text("label")[500:] == ["größer", "fine"]
    assert len(table.column("t")) == 502


def test_ragged_rows_in_odd_letters_are_not_lost():
    lines = "t,label\n" + "".join(f"{k},fine\n" for k in range(500)) + "größer\n501,fine\n"
    assert "row 501" in refusal(lines.encode("latin-1")).where


def test_lines_before_the_table_are_skipped_and_said():
    table = table_of("Device: Shimmer 3\nSerial 4711\n\nt,x,y\n0,1,2\n1,3,4\n2,5,6\n3,7,8\n")
    assert table.names == ["t", "x", "y"]
    assert table.column("y").tolist() == [2, 4, 6, 8]
    assert "2 line(s) before the table skipped" in table.remarks[0]


@pytest.mark.parametrize("mark", ["# ", "% ", "//"])
def test_a_comment_line_can_name_the_columns(mark):
    table = table_of(f"{mark}recorded in May\n{mark}t x\n0 1.5\n1 2.5\n")
    assert table.names == ["t", "x"]
    assert table.column("x").tolist() == [1.5, 2.5]
    assert any("comment line" in remark for remark in table.remarks)


def test_a_second_header_line_of_units_joins_the_names():
    rows = "".join(f"{k},{k}\n" for k in range(9))
    table = table_of("t,acc_x\ns,m/s^2\n" + rows)
    assert table.names == ["t [s]", "acc_x [m/s^2]"]
    assert len(table.column("t [s]")) == 9


def test_names_lose_quotes_blanks_and_byte_order_mark():
    table = table_of('\ufeff"Time (s)" ,  "x" , ""\n0,1,2\n1,2,3\n')
    assert table.names == ["Time (s)", "x", "c2"]


def test_repeated_names_are_numbered_and_said():
    table = table_of("x,x,y\n0,1,2\n1,2,3\n")
    assert table.names == ["x", "x.1", "y"]
    assert any("more than once" in remark for remark in table.remarks)


def test_excel_states_the_delimiter():
    table = table_of("sep=;\na;b\n1,5;3\n2,5;4\n")
    assert table.column("a").tolist() == [1.5, 2.5]


@pytest.mark.parametrize("text", ["a,b\n1,2,\n3,4,\n", "a,b,\n1,2\n3,4\n", "a,b,\n1,2,\n3,4,\n"])
def test_lines_may_end_with_a_delimiter(text):
    table = table_of(text)
    assert table.names[:2] == ["a", "b"]
    assert table.column("b").tolist() == [2, 4]


def test_a_cut_off_last_line_is_left_out_and_said():
    table = table_of("t,x,y\n0,1,2\n1,2,3\n2,3")
    assert table.column("t").tolist() == [0, 1]
    assert any("cut off after 2 of 3 cells" in note.text and note.kind == "repaired" for note in table.notes)


def test_text_tables_of_properties_are_tables():
    table = table_of('"property","value"\n"deviceModel","Pixel, 4a"\n"deviceRelease","13"\n')
    assert table.text("value") == ["Pixel, 4a", "13"]


def test_quoted_decimal_commas():
    table = table_of('"t","x"\n"0,5","1,25"\n"1,0","2,5"\n')
    assert table.column("x").tolist() == [1.25, 2.5]


def test_a_stream_that_cannot_seek():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *args):
            raise io.UnsupportedOperation

    table = read_columns(Pipe(b"t,x\n0,1\n1,2\n"), where="pipe")
    assert table.column("x").tolist() == [1, 2]
    assert table.column("t").tolist() == [0, 1]


def refusal(content: bytes, read=lambda table: [table.column(name) for name in table.names]) -> FormatError:
    with pytest.raises(FormatError) as caught:
        read(table_of(content))
    assert "walk.csv" in caught.value.where
    assert caught.value.remedy
    return caught.value


def test_what_is_no_table_is_refused():
    assert "empty" in refusal(b"").what
    assert "empty" in refusal(b"\n \n\n").what
    assert "zip archive" in refusal(b"PK\x03\x04" + bytes(50)).got
    assert "binary" in refusal(b"abc\x00\x01\x02,1\n").got
    assert (
        "no table" in refusal(b"To be, or not to be,\nthat is\nthe question: whether it is, or is\nnot nobler\n").what
    )
    assert "no table" in refusal(b"nur ein wort\n" * 5).what
    assert "no rows" in refusal(b"# nothing\n").what


def test_a_header_without_rows_is_told_apart():
    error = refusal(b"time,acc_x,acc_y\n")
    assert isinstance(error, EmptyTableError)
    assert "acc_x" in error.got


def test_a_cell_that_is_no_number_is_named():
    error = refusal(b"t,acc_x\n0,1\n1,oops\n2,3\n3,4\n4,5\n", lambda table: table.column("acc_x"))
    assert "column 'acc_x', row 2" in error.where
    assert error.got == "'oops'"


def test_a_bad_cell_far_down_is_named_exactly(monkeypatch):
    monkeypatch.setattr(csvtext, "BLOCK_BYTES", 1 << 10)
    lines = [f"{k},{k}\n" for k in range(4000)]
    lines[3210] = "3210,-\n"
    error = refusal(("t,x\n" + "".join(lines)).encode(), lambda table: table.column("x"))
    assert "row 3211" in error.where and error.got == "'-'"


def test_bad_cells_in_columns_nobody_asked_for_do_no_harm():
    table = table_of("t,x,comment\n0,1,fine\n1,2,7\n2,3,9\n")
    assert table.column("x").tolist() == [1, 2, 3]


def test_ragged_rows_are_named():
    error = refusal(b"t,x,y\n0,1,2\n1,2,3\n2,3\n3,4,5\n4,5,6\n5,6,7\n6,7,8\n")
    assert "line 4" in error.where and error.expected == "3 cells" and "2 cells" in error.got
    far = "t,x,y\n" + "1,2,3\n" * 900 + "1,2\n" + "1,2,3\n" * 50
    error = refusal(far.encode())
    assert "row 901" in error.where and "2 cells" in error.got


def test_an_unknown_column_lists_the_known_ones():
    with pytest.raises(FormatError) as caught:
        table_of("time,x\n0,1\n1,2\n").column("tine")
    assert "time, x" in caught.value.expected and "time" in caught.value.remedy


def test_large_files_are_read_in_bounded_memory(tmp_path: Path):
    """Streams a file of ANYWEAR_CSV_MB (default 24) megabytes; 1,000 of them were measured at 340 MB above the start."""
    megabytes = int(os.environ.get("ANYWEAR_CSV_MB", "24"))
    row = "0.01,walk," + ",".join(["-0.123456"] * 20) + "\n"
    rows = megabytes * 1_000_000 // len(row)
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("time,label," + ",".join(f"v{k}" for k in range(20)) + "\n")
        for _ in range(rows // 1000):
            file.write(row * 1000)
    code = (
        "import resource, sys, pathlib, numpy as np\n"
        "from anywear.io.csvtext import read_columns\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "wanted = {'time': np.float64, 'label': str, 'v0': np.float32, 'v7': np.float32, 'v19': np.float32}\n"
        "got = read_columns(pathlib.Path(sys.argv[1]), where='large').columns(wanted)\n"
        "print(len(got['v7']), (peak() - before) * 1024)\n"
    )
    source = Path(csvtext.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(source)},
    )
    count, grown = map(int, done.stdout.split())
    assert count == rows // 1000 * 1000
    wanted_bytes = count * (8 + 4 + 3 * 4)
    print(f"{megabytes} MB of text: {grown / 1e6:.0f} MB more memory for {wanted_bytes / 1e6:.0f} MB of columns")
    assert grown < 2 * wanted_bytes + 160e6
