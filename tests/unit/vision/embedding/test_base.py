from __future__ import annotations

import numpy as np
import pytest

from countenance.vision.embedding.base import to_unit_length


def test_rows_come_to_length_one_and_keep_their_direction() -> None:
    vectors = np.asarray([[3.0, 4.0], [0.0, -2.0]], np.float32)
    np.testing.assert_allclose(to_unit_length(vectors), [[0.6, 0.8], [0.0, -1.0]], rtol=1e-6)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf], ids=["zero", "nan", "infinite"])
def test_a_vector_without_direction_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="without a direction"):
        to_unit_length(np.full((1, 4), bad, np.float32))
