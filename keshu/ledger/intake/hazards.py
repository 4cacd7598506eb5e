"""What can be wrong with a file, one class per failure. Each message says what happened, why, and what to do."""

from collections.abc import Sequence


class IntakeError(ValueError):
    """Base of every refusal of a whole file; ``str(error)`` is what the clerk reads."""


def size_text(count: int) -> str:
    """Bytes in the unit a clerk reads in a file manager: 512 B, 3.5 KB, 200 MB, 1.5 GB."""
    if count < 1024:
        return f"{count} B"
    for unit, size in (("KB", 1024), ("MB", 1024**2), ("GB", 1024**3)):
        if count < size * 1024 or unit == "GB":
            whole, tenth = divmod((count * 10 + size // 2) // size, 10)
            return f"{whole}.{tenth} {unit}" if tenth else f"{whole} {unit}"
    raise AssertionError


# ---- the upload as a whole


class EmptyFile(IntakeError):
    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}”是空的，里面没有任何内容。请打开核对，保存后再传。")


class TooLarge(IntakeError):
    def __init__(self, name: str, size: int, limit: int) -> None:
        super().__init__(
            f"“{name}”有 {size_text(size)}，超过每个文件 {size_text(limit)} 的上限，没有读。"
            "请删去图片和无关的工作表，或按年份、县区拆成几个文件分别上传。"
        )


class NotATable(IntakeError):
    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"“{name}”的内容是{what}，不是表格。请上传 xlsx 或 csv 文件。")


class WebPageNotWorkbook(IntakeError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}”虽然按 Excel 文件命名，内容却是网页或 XML（一些系统导出的就是这样），读不准。"
            "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后再传。"
        )


class OldWorkbook(IntakeError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}”是旧格式的工作簿（xls 或 WPS 的 et），里面读不出来：可能没有传完整，或是 Excel 95 以前的格式。"
            "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后再传。"
        )


class OtherWorkbook(IntakeError):
    def __init__(self, name: str, what: str) -> None:
        super().__init__(
            f"“{name}”是{what}，读不了。请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后再传。"
        )


class EncryptedWorkbook(IntakeError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}”设了打开密码，读不了里面的内容。请在 Excel 或 WPS 里取消打开密码，保存后再传；不要把密码发给别人。"
        )


# ---- the package


class DamagedWorkbook(IntakeError):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"“{name}”打不开：{why}。文件可能没有传完整或已损坏。请用 Excel 或 WPS 打开，重新保存后再传。"
        )


class ZipBomb(IntakeError):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"“{name}”{why}，像是压缩炸弹，没有解开。如果确是自己做的表，请把数据复制到一个新工作簿里，保存后再传。"
        )


class ForbiddenXml(IntakeError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}”的内部带有外部实体或文档类型声明（DTD），正常的 Excel 不会写这些，为安全没有读。"
            "请把数据复制到一个新工作簿里，保存后再传。"
        )


class NoVisibleSheet(IntakeError):
    def __init__(self, name: str, hidden: Sequence[str]) -> None:
        names = "、".join(f"“{one}”" for one in hidden)
        seen = f"工作表{names}都是隐藏的" if names else "里面没有工作表"
        super().__init__(f"“{name}”没有可读的工作表：{seen}。请取消隐藏要报的工作表，保存后再传。")


class TooManyMerges(IntakeError):
    def __init__(self, sheet: str, count: int, limit: int) -> None:
        super().__init__(
            f"工作表“{sheet}”有 {count} 处合并单元格，超过 {limit} 处，逐一对应不可靠。"
            "请选中数据区取消合并，把空出来的格子填上后再传。"
        )


class TooWide(IntakeError):
    def __init__(self, number: int, letter: str, limit: int) -> None:
        super().__init__(
            f"第 {number} 行的 {letter} 列还有内容，表的宽度超过 {limit} 列，不像一张报表。请删去右侧多余的列后再传。"
        )


class CellTooLong(IntakeError):
    def __init__(self, number: int, limit: int) -> None:
        super().__init__(
            f"第 {number} 行有一个单元格超过 {limit} 个字，读不了（Excel 也放不下）。请把长文字移到附件里，再传这张表。"
        )


# ---- text files


class WrongEncoding(IntakeError):
    def __init__(self, name: str, line: int, raw: bytes) -> None:
        super().__init__(
            f"“{name}”第 {line} 行的字节（{raw.hex(' ').upper()}）既不是 UTF-8 也不是 GBK，认不出文字编码。"
            "请用 Excel 或 WPS 打开，核对中文是否正常，另存为 xlsx 或“CSV UTF-8”后再传。"
        )


class NulBytes(IntakeError):
    def __init__(self, name: str, line: int) -> None:
        super().__init__(
            f"“{name}”第 {line} 行夹有空字符（NUL），文件可能已损坏，或不是文本表格。"
            "请从原系统重新导出，或用 Excel 打开核对，另存为 xlsx 后再传。"
        )


class UnbalancedQuotes(IntakeError):
    def __init__(self, number: int) -> None:
        super().__init__(
            f"第 {number} 行的双引号不成对，从这里起各列会错位，没有读。请把这一行的引号补齐或删去，再传。"
        )


class LineTooLong(IntakeError):
    def __init__(self, number: int, limit: int) -> None:
        super().__init__(
            f"第 {number} 行超过 {limit} 个字还没有换行，不像一张表。请核对换行和分隔符，或另存为 xlsx 后再传。"
        )


# ---- the head and what stands under it


class HeadNotFound(IntakeError):
    def __init__(self, within: int, wanted: Sequence[str], seen: str) -> None:
        super().__init__(
            f"前 {within} 行里没有找到表头。表头应当有“{'”“'.join(wanted)}”这些列；{seen}。"
            "请下载模板对照，把列名改成一致后再传。"
        )


class MissingColumns(IntakeError):
    """``missing`` names the columns, ``guesses`` maps each to the head text that looks nearest."""

    def __init__(
        self, number: int, found: Sequence[str], missing: Sequence[str], guesses: dict[str, str]
    ) -> None:
        self.missing, self.guesses = tuple(missing), dict(guesses)
        lacking = "、".join(
            f"“{name}”（表里的“{guesses[name]}”是不是它？）" if name in guesses else f"“{name}”"
            for name in missing
        )
        super().__init__(
            f"第 {number} 行的表头缺少必填的列：{lacking}。已认出：{'、'.join(found) or '无'}。"
            "请改正列名或补上这些列后再传。"
        )


class AmbiguousColumn(IntakeError):
    def __init__(self, name: str, letters: Sequence[str]) -> None:
        super().__init__(
            f"表头里“{name}”出现了不止一次（{'、'.join(letters)} 列），不知道该读哪一列。请只留一列后再传。"
        )


class OnlyHead(IntakeError):
    def __init__(self, number: int) -> None:
        super().__init__(f"表头（第 {number} 行）下面没有数据。请把数据填在表头下面，保存后再传。")


# ---- keeping and writing


class DiskFull(IntakeError):
    def __init__(self, need: int | None = None, free: int | None = None) -> None:
        numbers = ""
        if need is not None and free is not None:
            numbers = f"（要 {size_text(need)}，只剩 {size_text(free)}）"
        super().__init__(
            f"服务器磁盘空间不足{numbers}，文件没有保存，原有数据不受影响。请联系系统管理员清理磁盘后再传一次。"
        )


class WrongExtension(IntakeError):
    def __init__(self, name: str, what: str, extensions: Sequence[str]) -> None:
        should = "、".join(extensions)
        fix = f"请把扩展名改成 {should}，或" if extensions else "请"
        super().__init__(f"“{name}”的扩展名和内容不符，内容其实是{what}。{fix}用原来的软件另存后再传。")


class NotAccepted(IntakeError):
    def __init__(self, name: str, what: str, accepted: Sequence[str]) -> None:
        super().__init__(f"“{name}”是{what}，这里不收。可以上传：{'、'.join(accepted)}。")
