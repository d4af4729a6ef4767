"""Files, datasets and functions that give frames."""

import io
import sys
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.streaming.streams import FORMULA, chunks, data, in_memory, quietly
from wlogit import DesignError, MissingValueError, OutcomeError, WeightError
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit
from wlogit.streaming.sources import open_source

OPTIONS = {"class_weight": "balanced", "disp": False}


def fit(source, formula=FORMULA, **options):
    model = StreamedLogit.from_formula(formula, source, class_weight="balanced", **options)
    return quietly(model.fit)


def assert_same(found):
    assert_allclose(found.params, in_memory("balanced").params, rtol=1e-10)
    assert_allclose(found.bse, in_memory("balanced").bse, rtol=1e-10)


# ------------------------------------------------------------------------------ functions


def test_frames_are_cut_to_the_size_of_a_chunk():
    assert_same(fit(chunks(1000), chunk_rows=37))


def test_a_generator_is_refused_as_it_can_be_read_once():
    with pytest.raises(DesignError, match="makes it anew"):
        fit(chunks(50)())


def test_a_source_that_changes_between_readings_is_noticed():
    calls = []

    def shrinking():
        calls.append(1)
        return [data() if len(calls) < 5 else data().iloc[:-1]]

    with pytest.raises(DesignError, match="240 rows when it was read first, and 239 now"):
        fit(shrinking)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (data, "an iterable of frames"),
        (list, "no rows"),
        (lambda: [data(), data().drop(columns="x")], "frame 2 of the source has no column 'x'"),
        (data(), "use WeightedLogit"),
        (3, "path of a file"),
        ("nowhere.parquet", "no file 'nowhere.parquet'"),
    ],
)
def test_what_is_no_source_is_refused(source, words):
    if isinstance(source, pd.DataFrame):
        source = source.copy()
    with pytest.raises(DesignError, match=words):
        fit(source)


@pytest.mark.parametrize(
    ("column", "value", "options", "error", "words"),
    [
        ("a", -1.0, {"sampling_weights": "a"}, WeightError, "row 77 of frame 2 is -1"),
        ("a", np.nan, {"sampling_weights": "a"}, WeightError, "row 77 of frame 2 is missing"),
        ("m", 1.5, {"freq_weights": "m"}, WeightError, "row 77 of frame 2 has 1.5"),
        ("far", np.inf, {}, MissingValueError, "column 'far' is infinite in row 77 of frame 2"),
        ("o", np.inf, {"offset": "o"}, MissingValueError, "row 77 of frame 2"),
        ("y", 1.5, {}, OutcomeError, "row 77 of frame 2"),
        ("firm", np.nan, {"cluster": "firm"}, DesignError, "missing in row 77 of frame 2"),
        ("far", np.nan, {"missing": "raise"}, MissingValueError, "column 'far' is missing in row"),
    ],
)
def test_bad_entries_are_named_by_row(column, value, options, error, words):
    frame = data().dropna(subset=["label", "x"]).copy()
    frame[column] = frame[column].astype(float)
    frame.loc[77, column] = value
    position = frame.index.get_loc(77)

    def halves():
        return [frame.iloc[: position - 5], frame.iloc[position - 5 :]]

    with pytest.raises(error, match=words):
        StreamedLogit.from_formula(FORMULA, halves, **options).fit(disp=False)


def test_a_missing_cluster_on_a_row_that_is_dropped_does_not_matter():
    frame = data().astype({"firm": float})
    frame.loc[frame["x"].isna(), "firm"] = np.nan
    found = fit(chunks(50, frame), cluster="firm")
    assert found.covariance.n_clusters == (25,)


def thirds(**changed):
    """Three frames, the columns of which are changed, each by a function for one frame."""
    frames = [data().iloc[start : start + 80].copy() for start in (0, 80, 160)]
    for name, (number, change) in changed.items():
        frames[number][name] = change(frames[number][name])
    return frames


def floats(frame):
    return np.array([np.nan if pd.isna(value) else float(value) for value in frame["far"]])


@pytest.mark.parametrize(
    "changed",
    [
        {"g": (1, lambda column: pd.Categorical(column, ["z", "late", "c", "b", "a"]))},
        {"g": (0, lambda column: column.astype("string"))},
        {"g": (0, lambda column: np.full(len(column), None, dtype=object))},
        {"far": (0, lambda column: np.full(len(column), None, dtype=object))},
        {"far": (2, lambda column: column.astype("Int64").where(column > 1991.0))},
        {"y": (1, lambda column: column.astype("Int64"))},
    ],
)
def test_types_that_differ_from_frame_to_frame(changed):
    frames = thirds(**changed)
    parts = [frame.astype({"g": object, "y": int}).assign(far=floats) for frame in frames]
    whole = pd.concat(parts)
    found = fit(lambda: frames, cluster="firm")
    expected = quietly(weighted_logit(FORMULA, whole, class_weight="balanced").fit)
    assert list(found.params.index) == list(expected.params.index)
    assert_allclose(found.params, expected.params, rtol=1e-10)
    assert_allclose(found.bse, expected.with_covariance("cluster", groups="firm").bse, rtol=1e-10)
    assert dict(found.weights.n_dropped) == dict(expected.weights.n_dropped)


def test_complex_numbers_lose_no_part():
    frames = thirds(far=(1, lambda column: column * 1j))
    with pytest.raises(DesignError, match="'far' holds complex numbers"):
        fit(lambda: frames)


def test_large_numbers_of_clusters_stay_apart(tmp_path):
    """Beside missing entries, and where signed and unsigned numbers meet."""
    large = 2**53 + (np.arange(240) % 12)
    expected = in_memory("balanced").with_covariance("cluster", groups=large)
    frame = data().assign(large=large)
    frames = [frame.iloc[:100], frame.iloc[100:].astype({"large": "uint64"})]
    found = fit(lambda: frames, cluster="large")
    assert_allclose(found.bse, expected.bse, rtol=1e-10)
    pytest.importorskip("pyarrow")
    gone = frame["x"].isna()
    frame["large"] = frame["large"].astype("Int64").mask(gone)
    frame.to_parquet(tmp_path / "all.parquet")
    found = fit(tmp_path / "all.parquet", cluster="large", chunk_rows=50)
    assert_allclose(found.bse, expected.bse, rtol=1e-10)


def test_arrays_of_the_caller_cannot_be_cut_into_chunks():
    other = np.zeros(240)
    with pytest.raises(DesignError, match="'other' is not a column of the source"):
        StreamedLogit.from_formula("y ~ x + other", chunks(50))
    assert other.size


def test_functions_of_the_caller_are_found():
    def halved(values):
        return values / 2.0

    found = quietly(StreamedLogit.from_formula("y ~ halved(far)", chunks(50)).fit)
    expected = quietly(weighted_logit("y ~ halved(far)", data()).fit)
    assert_allclose(found.params, expected.params, rtol=1e-9)


def test_a_progress_bar_for_every_reading():
    pytest.importorskip("tqdm")
    with patch.object(sys, "stderr", io.StringIO()) as shown:
        fit(chunks(50), progress=True)
    for what in ("levels", "cases", "Newton step", "covariance"):
        assert what in shown.getvalue()


# ---------------------------------------------------------------------------------- files


@pytest.fixture
def arrow():
    return pytest.importorskip("pyarrow")


@pytest.fixture
def folder(arrow, tmp_path):
    frame = data()
    frame.iloc[:90].to_parquet(tmp_path / "part-0.parquet", row_group_size=40)
    frame.iloc[90:90].to_parquet(tmp_path / "part-1.parquet")
    frame.iloc[90:].to_parquet(tmp_path / "part-2.parquet", row_group_size=1000)
    return tmp_path


@pytest.mark.parametrize("size", [None, 31])
def test_parquet_files_in_a_folder_by_pattern_and_by_list(folder, size):
    paths = [folder / f"part-{i}.parquet" for i in range(3)]
    for source in (folder, str(folder / "part-*.parquet"), paths):
        assert_same(fit(source, chunk_rows=size))


def test_only_columns_that_are_used_are_read(folder):
    source = open_source(folder)
    seen = set()
    whole = type(source).frames

    def frames(self, columns, size):
        seen.update(columns)
        return whole(self, columns, size)

    with patch.object(type(source), "frames", frames):
        fit(folder, cluster="firm", offset="o")
    assert seen == {"y", "x", "far", "g", "firm", "o"}


def test_a_row_is_named_by_its_number_in_its_file(folder):
    frame = pd.read_parquet(folder / "part-2.parquet")
    frame.loc[frame.index[60], "a"] = -2.0
    frame.to_parquet(folder / "part-2.parquet")
    with pytest.raises(WeightError, match=r"row 60 of part-2.parquet is -2"):
        fit(folder, sampling_weights="a", chunk_rows=25)


def test_a_file_without_a_column_is_named(folder):
    frame = pd.read_parquet(folder / "part-2.parquet").drop(columns="far")
    frame.to_parquet(folder / "part-2.parquet")
    with pytest.raises(DesignError, match=r"part-2.parquet has no column 'far'"):
        fit(folder)


def test_columns_in_the_names_of_folders(arrow, tmp_path):
    for year, part in data().groupby("year"):
        (tmp_path / f"year={year}").mkdir()
        part.drop(columns="year").to_parquet(tmp_path / f"year={year}" / "a.parquet")
    found = fit(tmp_path, "y ~ x + C(year)")
    model = weighted_logit("y ~ x + C(year)", data(), class_weight="balanced")
    assert_allclose(found.params, quietly(model.fit).params, rtol=1e-9)


def test_categories_of_a_file_keep_their_order(arrow, tmp_path):
    frame = data().assign(g=lambda d: pd.Categorical(d["g"], ["late", "c", "b", "a"]))
    frame.to_parquet(tmp_path / "all.parquet")
    found = fit(tmp_path / "all.parquet", chunk_rows=33)
    expected = quietly(weighted_logit(FORMULA, frame, class_weight="balanced").fit)
    assert list(found.params.index) == list(expected.params.index)
    assert_allclose(found.params, expected.params, rtol=1e-9)


def test_csv_and_feather_files(arrow, tmp_path):
    data().to_csv(tmp_path / "all.csv", index=False)
    assert_same(fit(tmp_path / "all.csv", chunk_rows=61))
    data().to_feather(tmp_path / "all.feather")
    assert_same(fit(tmp_path / "all.feather"))


def test_types_that_change_within_a_csv_file_are_explained(arrow, tmp_path):
    rows = ["1,0", "0,0"] * 150_000 + ["1,word"]
    (tmp_path / "all.csv").write_text("\n".join(["y,x", *rows]))
    with pytest.raises(DesignError, match=r"schema=...\) sets it"):
        fit(tmp_path / "all.csv", "y ~ x")


def test_datasets_and_tables_of_pyarrow(arrow, folder):
    datasets = pytest.importorskip("pyarrow.dataset")
    dataset = datasets.dataset(folder)
    assert_same(fit(dataset, chunk_rows=50))
    assert_same(fit(dataset.to_table(), chunk_rows=50))
    some = fit(dataset.filter(datasets.field("far") > 1995), chunk_rows=50)
    frame = data()[lambda d: d["far"] > 1995]
    expected = quietly(weighted_logit(FORMULA, frame, class_weight="balanced").fit)
    assert_allclose(some.params, expected.params, rtol=1e-9)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a.txt"], "format of 'a.txt' is not known"),
        (["a.csv", "b.parquet"], "several formats"),
    ],
)
def test_files_of_unknown_or_mixed_formats_are_refused(arrow, tmp_path, names, words):
    for name in names:
        (tmp_path / name).write_text("y,x\n0,1\n")
    with pytest.raises(DesignError, match=words):
        fit([tmp_path / name for name in names])


def test_an_empty_folder_is_refused(arrow, tmp_path):
    with pytest.raises(DesignError, match="no files in"):
        fit(tmp_path)
