"""Peak memory does not grow with the number of rows."""

import pytest

from tests.ledger.intake.large import make_csv, make_xlsx, peak


@pytest.mark.slow
@pytest.mark.parametrize("make", [make_xlsx, make_csv], ids=["xlsx", "csv"])
def test_reading_takes_the_same_memory_however_many_rows_there_are(make, tmp_path):
    peaks = []
    for rows in (10_000, 100_000):
        path = tmp_path / f"{rows}.dat"
        make(path, rows)
        found, kilobytes = peak(path)
        assert found == rows
        peaks.append(kilobytes)
    assert peaks[1] <= 1.3 * peaks[0]
