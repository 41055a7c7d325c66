from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from contract.session import SessionContract
from countenance.vision import ModelUnusable
from countenance.vision.runtimes import InferenceSession, ModelFormat, OnnxSession, load_session
from countenance.vision.runtimes.dlib_network import _expected_sizes, build_graph, read_arrays
from weights import model_bytes


def packed(number: int) -> bytes:
    """dlib's packed integer: how many bytes, then the bytes, low first."""
    length = max((number.bit_length() + 7) // 8, 1)
    return bytes([length]) + number.to_bytes(length, "little")


def written(array: NDArray[np.float32]) -> bytes:
    """An array as dlib writes it: version, four sizes, values."""
    sizes = (len(array), 1, 1, 1)
    return packed(2) + b"".join(packed(size) for size in sizes) + array.astype("<f4").tobytes()


def made_up_file(*, junk: bytes = b"con_4", sizes: list[int] | None = None) -> bytes:
    source = np.random.default_rng(11)
    parts = [written(source.normal(0, 0.02, size).astype(np.float32)) for size in sizes or _expected_sizes()]
    return b"header" + b"".join(itertools.chain.from_iterable((junk, part) for part in parts)) + b"end"


class TestReading:
    def test_every_array_is_found_in_order(self) -> None:
        source = np.random.default_rng(11)
        arrays = read_arrays(made_up_file())
        assert len(arrays) == 59
        for array, size in zip(arrays, _expected_sizes(), strict=True):
            assert np.array_equal(array, source.normal(0, 0.02, size).astype(np.float32))

    @pytest.mark.parametrize(
        "junk",
        [
            pytest.param(b"", id="nothing-between"),
            pytest.param(b"\x01\x02\x01\x02\x01\x02\x01\x03\x01\x01", id="looks-like-a-small-array"),
            pytest.param(b"\x01\x02" * 3, id="many-markers"),
            pytest.param(written(np.zeros(0, np.float32)), id="an-empty-array"),
            pytest.param(b"\x01\x02\x09\x01\x01\x01", id="a-number-too-long"),
        ],
    )
    def test_what_stands_between_the_arrays_does_not_matter(self, junk: bytes) -> None:
        plain, strewn = read_arrays(made_up_file()), read_arrays(made_up_file(junk=junk))
        for one, other in zip(plain, strewn, strict=True):
            assert np.array_equal(one, other)

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"\x01\x02", id="a-marker-alone"),
            pytest.param(b"no network at all", id="text"),
            pytest.param(made_up_file()[:-200], id="cut-at-the-end"),
            pytest.param(made_up_file(sizes=_expected_sizes()[:-1]), id="an-array-missing"),
            pytest.param(made_up_file(sizes=_expected_sizes()[::-1]), id="another-order"),
            pytest.param(
                made_up_file().replace(b"end", b"").replace(b"header", b"")[9000:], id="cut-at-the-start"
            ),
        ],
    )
    def test_another_file_is_refused(self, content: bytes) -> None:
        with pytest.raises(ModelUnusable, match="isn't dlib's"):
            read_arrays(content)

    def test_values_that_are_no_numbers_are_refused(self) -> None:
        content = bytearray(made_up_file())
        place = len(content) - 7
        content[place : place + 4] = np.float32(np.nan).tobytes()
        with pytest.raises(ModelUnusable):
            read_arrays(bytes(content))

    def test_the_sizes_are_those_of_the_published_network(self) -> None:
        # 29 convolutions of 3 x 3 (the first 7 x 7) with as many scales, and a matrix of 256 x 128.
        sizes = _expected_sizes()
        assert sizes[:3] == [32 * 3 * 49 + 32, 64, 32 * 32 * 9 + 32]
        assert sizes[-1] == 256 * 128
        # All but a few thousand bytes of the file are these values.
        assert 0 < 22_466_066 - 4 * sum(sizes) < 60_000


def test_scale_and_shift_are_applied_after_the_bias() -> None:
    """With all filters zero, what reaches the end is made of biases, scales and shifts alone."""
    parts = []
    for number, size in enumerate(_expected_sizes()):
        array = np.zeros(size, np.float32)
        if number == 2 * 28:  # the last convolution: its biases
            array[-256:] = 2.0
        elif number == 2 * 28 + 1:  # its scale, then its shift
            array[:256], array[256:] = 3.0, 0.5
        elif number == 58:
            array[:] = 1.0 / 256
        parts.append(written(array))
    session = OnnxSession(content=build_graph(b"".join(parts)))
    vector = session.run({"chips": np.full((1, 3, 150, 150), 90, np.float32)})["vectors"]
    # 3 * 2 + 0.5 at the one place of the smaller branch; the other three of the 2 x 2 are its zeros.
    np.testing.assert_allclose(vector, np.full((1, 128), 6.5 / 4), rtol=1e-5)


def chip(pattern: str) -> NDArray[np.float32]:
    y, x, c = np.mgrid[0:150, 0:150, 0:3]
    values = {"stripes": (3 * x + 5 * y + 7 * c) % 256, "hills": (x * y // 40 + 60 * c) % 256}[pattern]
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], dtype=np.float32)


def build(content: bytes, threads: int = 1) -> InferenceSession:
    return load_session(content, kind=ModelFormat.DLIB, threads=threads)


@pytest.mark.models
class TestDlibNetwork(SessionContract):
    LARGEST_BATCH = 2
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return model_bytes("dlib-resnet-128")

    # Source: compute_face_descriptor of dlib 20.0.1 with the same file, on the same two patterns.
    @pytest.mark.parametrize(
        ("pattern", "length", "first", "last"),
        [
            (
                "stripes",
                1.344272,
                [-0.055631, 0.093602, 0.070589, -0.040379, -0.076011, -0.070851, -0.077225, -0.016426],
                [0.017839, -0.004472, -0.012601, -0.023466],
            ),
            (
                "hills",
                1.325863,
                [-0.035716, 0.098239, 0.04802, 0.001674, -0.057459, -0.057216, -0.10493, 0.010429],
                [0.023814, -0.008137, -0.033635, -0.010032],
            ),
        ],
    )
    def test_it_gives_the_vectors_of_dlib_itself(
        self, session: InferenceSession, pattern: str, length: float, first: list[float], last: list[float]
    ) -> None:
        vector = session.run({"chips": chip(pattern)})["vectors"][0]
        assert float(np.linalg.norm(vector)) == pytest.approx(length, abs=5e-6)
        np.testing.assert_allclose(vector[:8], first, atol=2e-6)
        np.testing.assert_allclose(vector[-4:], last, atol=2e-6)
