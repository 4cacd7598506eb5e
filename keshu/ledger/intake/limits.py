"""How much of a file is read before it is refused. Sizes in bytes, lengths in characters."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file. The defaults let 1,048,576 rows × 8 columns through and stop what no clerk makes."""

    upload_bytes: int = 200 * MEGABYTE
    # Deflate reaches 1:1000; real sheets reach 1:30. Small parts are exempt: a sheet of blanks may be 1:300.
    unpacked_bytes: int = 2048 * MEGABYTE
    ratio: int = 200
    ratio_from_bytes: int = 10 * MEGABYTE
    entries: int = 5000
    directory_bytes: int = 2 * MEGABYTE
    columns: int = 256
    # Merges stand behind the rows in a sheet's XML and must be held while it is read, so their number is bounded.
    merges: int = 20_000
    head_within: int = 20
    # Excel's own bound on a cell.
    cell_chars: int = 32_767
    line_chars: int = 1_000_000
