"""A workbook's shared strings, kept on disk: a million distinct names must not stand in memory."""

import json
import tempfile
from array import array
from bisect import bisect_right
from collections import OrderedDict
from types import TracebackType
from typing import Self

from keshu.ledger.intake.hazards import DiskFull

BLOCK_STRINGS = 256
BLOCK_CHARS = 32_768
HELD_BLOCKS = 64


class SharedStrings:
    """Strings by index. Written once in order with ``add``, then read in any order; 64 blocks stay in memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="keshu-strings-")  # noqa: SIM115 - closed with the table
        self._starts = array("Q")  # index of the first string of each block
        self._offsets = array("Q")
        self._end = 0
        self._pending: list[str] = []
        self._pending_chars = 0
        self._held: OrderedDict[int, list[str]] = OrderedDict()
        self.count = 0

    def add(self, text: str) -> None:
        """Append the next string. DiskFull when the temporary folder is full."""
        self._pending.append(text)
        self._pending_chars += len(text)
        self.count += 1
        if len(self._pending) >= BLOCK_STRINGS or self._pending_chars >= BLOCK_CHARS:
            self._flush()

    def _flush(self) -> None:
        data = json.dumps(self._pending).encode()
        self._starts.append(self.count - len(self._pending))
        self._offsets.append(self._end)
        try:
            self._file.write(data)
        except OSError as error:
            raise DiskFull from error
        self._end += len(data)
        self._pending, self._pending_chars = [], 0

    def finish(self) -> None:
        """Close the writing side."""
        if self._pending:
            self._flush()
        try:
            self._file.flush()
        except OSError as error:
            raise DiskFull from error
        self._offsets.append(self._end)

    def __getitem__(self, index: int) -> str:
        """String number ``index``; IndexError when the sheet points past the table."""
        if not 0 <= index < self.count:
            raise IndexError(index)
        block = bisect_right(self._starts, index) - 1
        strings = self._held.get(block)
        if strings is None:
            self._file.seek(self._offsets[block])
            strings = json.loads(self._file.read(self._offsets[block + 1] - self._offsets[block]))
            self._held[block] = strings
            if len(self._held) > HELD_BLOCKS:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(block)
        return strings[index - self._starts[block]]

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
