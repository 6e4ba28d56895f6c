"""Events: the camera model, windows of a stream, files of every form, and clocks that run backwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuro_bpdl.data import load
from neuro_bpdl.data.events.files import read_events
from neuro_bpdl.data.events.saccades import PRESENTATION_US, THRESHOLD, event_counts, saccades
from neuro_bpdl.data.events.stream import FULL, Events, windows
from neuro_bpdl.errors import InvalidInput

RNG = np.random.default_rng(2)


def events(t: Any, x: Any = None, y: Any = None, on: Any = None, size: tuple[int, int] = (4, 3)) -> Events:
    t = np.asarray(t, np.int64)
    zeros = np.zeros(len(t), np.int64)
    return Events(t, zeros if x is None else np.asarray(x), zeros if y is None else np.asarray(y),
                  zeros.astype(bool) if on is None else np.asarray(on), *size)  # fmt: skip


def images(n: int) -> np.ndarray:
    return load("digits").x_train[:n].reshape(-1, 8, 8).astype(np.float64)


def test_a_dark_or_even_picture_has_no_event_inside() -> None:
    assert len(next(saccades(np.zeros((1, 8, 8))))) == 0
    grey = event_counts(np.full((1, 20, 20), 0.5))[0]
    assert grey[6:-6, 6:-6].sum() == 0 and grey.sum() > 0  # black comes in at its sides


def test_an_edge_that_passes_a_pixel_turns_it_on_and_off_as_often_as_its_contrast_says() -> None:
    picture = np.zeros((1, 20, 20))
    picture[0, :, 8:12] = 1.0  # a bar; pixels 2 to the right of it are covered and uncovered again
    found = next(saccades(picture))
    here = (found.x == 13) & (found.y == 10)
    steps = int(np.log(1.1 / 0.1) / THRESHOLD)
    assert int(found.on[here].sum()) == int((~found.on[here]).sum()) == steps


def test_counting_is_what_the_stream_tells() -> None:
    pictures = images(3)
    rates = [next(windows([one], 2 * PRESENTATION_US)) for one in saccades(pictures)]
    counted = np.minimum(event_counts(pictures), FULL).reshape(3, -1)
    np.testing.assert_array_equal(np.rint(np.array(rates) * FULL), counted)
    stream = list(saccades(pictures))
    assert [int(one.t[0]) // PRESENTATION_US for one in stream] == [0, 1, 2]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=1, max_size=60), st.integers(1, 40), st.integers(1, 7))
def test_windows_do_not_depend_on_how_the_stream_is_cut(times: list[int], window: int, pieces: int) -> None:
    t = np.sort(np.array(times))
    x = RNG.integers(0, 4, len(t))
    whole = list(windows([events(t, x)], window, 5))
    parts = [events(t[part], x[part]) for part in np.array_split(np.arange(len(t)), pieces)]
    np.testing.assert_array_equal(np.array(whole), np.array(list(windows(parts, window, 5))))
    assert len(whole) == (t[-1] - t[0]) // window + 1
    for k, rates in enumerate(whole):
        inside = (t - t[0]) // window == k
        counts = [min(5, int((x[inside] == column).sum())) for column in range(4)]
        assert np.rint(rates * 5).tolist() == [*counts, *[0] * 8]


def test_an_endless_stream_gives_its_windows_as_they_come() -> None:
    def endless() -> Iterator[Events]:
        k = 0
        while True:
            yield events([10 * k, 10 * k + 5], [0, 1])
            k += 1

    feed = windows(endless(), 10, 1)
    assert [next(feed)[:2].tolist() for _ in range(1000)] == [[1.0, 1.0]] * 1000


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: events([5, 9, 7, 8]), r"^events.t: got '7 µs at event 2 after 9 µs'.*never run backwards"),
        (lambda: list(windows([events([5, 9]), events([8, 10])])), r"^events.t: got '8 µs at event 2 after 9 µs'"),
        (lambda: events([1], x=[4]), r"^events.x: got '4 to 4', allowed: 0 to 3"),
        (lambda: events([1], y=[-1]), r"^events.y"),
        (lambda: events([1, 2], x=[0]), r"^events.x"),
        (lambda: events([1], x=[0.5]), r"^events.x"),
        (lambda: list(windows([events([1]), events([2], size=(5, 3))])), r"^events: .*one camera"),
        (lambda: list(windows([events([1])], 0)), r"^window"),
        (lambda: list(windows([events([1])], 10, 0)), r"^full"),
    ],
)
def test_bad_streams(make: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        make()


def recording() -> Events:
    n = 400
    return Events(np.sort(RNG.integers(0, 900_000, n)), RNG.integers(0, 34, n), RNG.integers(0, 34, n),
                  RNG.random(n) < 0.5, 34, 34)  # fmt: skip


def aedat(e: Events, wrapped: bool = False) -> bytes:
    address = (127 - e.y) << 8 | (127 - e.x) << 1 | ~e.on
    t = (e.t + (2**32 - 450_000 if wrapped else 0)) % 2**32
    words = np.stack([address, t], 1).astype(">u4")
    return b"#!AER-DAT2.0\r\n# a camera\r\n" + words.tobytes()


def n_mnist(e: Events) -> bytes:
    rows = np.stack([e.x, e.y, e.on << 7 | e.t >> 16, e.t >> 8 & 255, e.t & 255], 1)
    return rows.astype(np.uint8).tobytes()


def write(path: Path, e: Events) -> None:
    if path.suffix == ".aedat":
        path.write_bytes(aedat(e, "wrapped" in path.name))
    elif path.suffix == ".bin":
        path.write_bytes(n_mnist(e))
    elif path.suffix == ".npz":
        np.savez(path, t=e.t, x=e.x, y=e.y, p=np.where(e.on, 1, -1), width=34, height=34)
    else:
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            for name, array in (("t", e.t), ("x", e.x), ("y", e.y), ("p", e.on.astype(np.uint8))):
                file[f"events/{name}"] = array


@pytest.mark.parametrize("name", ["r.aedat", "wrapped.aedat", "r.bin", "r.npz", "r.h5"])
def test_files(tmp_path: Path, name: str) -> None:
    e = recording()
    write(tmp_path / name, e)
    found = read_events(tmp_path / name)
    np.testing.assert_array_equal(found.t - found.t[0], e.t - e.t[0])
    for read, wrote in ((found.x, e.x), (found.y, e.y), (found.on, e.on)):
        np.testing.assert_array_equal(read, wrote)


def test_a_recording_is_a_data_set_of_its_windows(tmp_path: Path) -> None:
    write(tmp_path / "r.bin", recording())
    dataset = load(str(tmp_path / "r.bin"))
    assert dataset.image_shape == (34, 34) and len(dataset.x_train) == 3 and dataset.x_test is None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.aedat", None, "none.aedat"),
        ("r.mp4", b"", "N-MNIST"),
        ("r.aedat", b"#!AER-DAT3.1\r\n", "AEDAT 2.0"),
        ("r.aedat", b"#!AER-DAT2.0\r\n1234567", "cut short"),
        ("r.aedat", b"#!AER-DAT2.0\r\n", "events in it"),
        ("r.bin", b"123456", "cut short"),
        ("r.bin", bytes([0, 0, 0, 0, 9, 0, 0, 0, 0, 8]), "never run backwards"),
        ("r.bin", bytes([40, 0, 0, 0, 9]), "events.x"),
        ("r.h5", b"nonsense", "r.h5"),
        ("r.npz", b"nonsense", "r.npz"),
    ],
)
def test_bad_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, said: str
) -> None:
    monkeypatch.chdir(tmp_path)  # a long path is cut in the message
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_events(Path(name))
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_events_of_mnist_say_that_they_are_synthetic() -> None:
    dataset = load("events")
    assert "synthetic" in dataset.source and "not a recording" in dataset.source
    assert dataset.x_train.shape == (4000, 784) and dataset.sha256.startswith("5a5e94682ba3")
