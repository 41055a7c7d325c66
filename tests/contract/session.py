"""What every inference session does. Subclass it, give the fixtures, and it runs with real weights.

A session is fit when it names its inputs and outputs, refuses what doesn't fit, gives fresh arrays, gives
the same answer to the same input from any thread, and takes a batch where the network does.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.vision import ModelUnusable
from countenance.vision.runtimes import InferenceSession, TensorSpec


class SessionContract:
    """Fixtures to give: ``content`` and ``build``; ``LARGEST_BATCH`` is 1 where the file fixes it."""

    LARGEST_BATCH = 1

    @staticmethod
    def build(content: bytes, threads: int = 1) -> InferenceSession:
        raise NotImplementedError

    @pytest.fixture
    def content(self) -> bytes:
        raise NotImplementedError

    @pytest.fixture
    def session(self, content: bytes) -> InferenceSession:
        return self.build(content)

    @staticmethod
    def inputs(session: InferenceSession, *, seed: int, batch: int = 1) -> dict[str, NDArray[np.float32]]:
        source = np.random.default_rng(seed)
        return {
            spec.name: source.uniform(-1, 1, (batch, *(size or 1 for size in spec.shape[1:]))).astype(
                np.float32
            )
            for spec in session.inputs
        }

    def test_it_names_its_inputs_and_outputs(self, session: InferenceSession) -> None:
        for spec in (*session.inputs, *session.outputs):
            assert isinstance(spec, TensorSpec)
            assert spec.name
        assert session.inputs
        assert session.outputs

    def test_it_gives_each_output_by_name_and_shape(self, session: InferenceSession) -> None:
        results = session.run(self.inputs(session, seed=1))
        assert set(results) == {spec.name for spec in session.outputs}
        for spec in session.outputs:
            value = results[spec.name]
            assert value.dtype == np.float32
            assert np.isfinite(value).all()
            assert len(value.shape) == len(spec.shape)

    def test_the_same_input_gives_the_same_output(self, session: InferenceSession) -> None:
        first = session.run(self.inputs(session, seed=1))
        session.run(self.inputs(session, seed=2))
        again = session.run(self.inputs(session, seed=1))
        for name, value in first.items():
            assert np.array_equal(value, again[name])

    def test_another_input_gives_another_output(self, session: InferenceSession) -> None:
        first, second = (session.run(self.inputs(session, seed=seed)) for seed in (1, 2))
        assert any(not np.array_equal(value, second[name]) for name, value in first.items())

    def test_results_belong_to_the_caller(self, session: InferenceSession) -> None:
        first = session.run(self.inputs(session, seed=1))
        kept = {name: value.copy() for name, value in first.items()}
        session.run(self.inputs(session, seed=2))
        for name, value in first.items():
            assert np.array_equal(value, kept[name])
            value.fill(0.0)

    def test_inputs_are_not_changed(self, session: InferenceSession) -> None:
        inputs = self.inputs(session, seed=3)
        before = {name: value.copy() for name, value in inputs.items()}
        session.run(inputs)
        for name, value in inputs.items():
            assert np.array_equal(value, before[name])

    def test_a_batch_gives_what_single_calls_give(self, session: InferenceSession) -> None:
        batch = self.inputs(session, seed=4, batch=self.LARGEST_BATCH)
        together = session.run(batch)
        for row in range(self.LARGEST_BATCH):
            alone = session.run({name: value[row : row + 1] for name, value in batch.items()})
            for name, value in alone.items():
                np.testing.assert_allclose(together[name][row], value[0], rtol=1e-3, atol=1e-3)

    def test_threads_never_mix_their_answers(self, session: InferenceSession) -> None:
        cases = [self.inputs(session, seed=seed, batch=1 + seed % self.LARGEST_BATCH) for seed in range(8)]
        expected = [session.run(case) for case in cases]
        with ThreadPoolExecutor(max_workers=4) as pool:
            found = list(pool.map(session.run, cases * 3))
        for answer, wanted in zip(found, expected * 3, strict=True):
            for name, value in wanted.items():
                np.testing.assert_allclose(answer[name], value, rtol=1e-4, atol=1e-4)

    def test_more_threads_give_the_same_answer(self, content: bytes) -> None:
        one, two = self.build(content, 1), self.build(content, 2)
        assert (one.threads, two.threads) == (1, 2)
        inputs = self.inputs(one, seed=5)
        second = two.run(inputs)
        for name, value in one.run(inputs).items():
            np.testing.assert_allclose(value, second[name], rtol=1e-3, atol=1e-3)

    @pytest.mark.parametrize("threads", [0, -1])
    def test_no_threads_are_refused(self, content: bytes, threads: int) -> None:
        with pytest.raises(ValueError, match="at least one thread"):
            self.build(content, threads)

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda _: b"", id="empty"),
            pytest.param(lambda _: b"no network", id="text"),
            pytest.param(lambda content: content[: len(content) // 2], id="half"),
        ],
    )
    def test_bytes_that_are_no_network_are_unusable(self, content: bytes, damage: object) -> None:
        assert callable(damage)
        with pytest.raises(ModelUnusable):
            self.build(damage(content))

    def test_a_missing_input_is_refused(self, session: InferenceSession) -> None:
        with pytest.raises(ValueError, match="takes the inputs"):
            session.run({})

    def test_an_unknown_input_is_refused(self, session: InferenceSession) -> None:
        inputs = self.inputs(session, seed=1)
        with pytest.raises(ValueError, match="takes the inputs"):
            session.run({**inputs, "more": np.zeros((1, 1), np.float32)})

    def test_another_type_is_refused(self, session: InferenceSession) -> None:
        inputs = {name: value.astype(np.float64) for name, value in self.inputs(session, seed=1).items()}
        with pytest.raises(ValueError, match="float32"):
            session.run(inputs)  # type: ignore[arg-type]

    @pytest.mark.parametrize("cut", ["smaller", "flatter", "empty"])
    def test_another_shape_is_refused(self, session: InferenceSession, cut: str) -> None:
        inputs = {}
        for name, value in self.inputs(session, seed=1).items():
            inputs[name] = {"smaller": value[:, :-1], "flatter": value[0], "empty": value[:0]}[cut]
        with pytest.raises(ValueError, match="has the shape"):
            session.run(inputs)

    def test_it_still_works_after_a_refusal(self, session: InferenceSession) -> None:
        good = self.inputs(session, seed=1)
        before = session.run(good)
        with pytest.raises(ValueError, match="takes the inputs"):
            session.run({})
        for name, value in session.run(good).items():
            assert np.array_equal(value, before[name])
