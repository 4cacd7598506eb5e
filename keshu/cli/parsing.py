"""Reading the words of a command: argparse that says in Chinese what is wrong with a call."""

import argparse
import re
from typing import NoReturn

#: What argparse says → what the reader is told. Each pattern is matched against the whole message.
SAID = (
    (r"the following arguments are required: (?P<a>.+)", "少写了 {a}"),
    (
        r"argument (?P<a>.+?): invalid choice: (?P<b>.+?) \(choose from (?P<c>.+)\)",
        "{a} 没有 {b}，可以写 {c}",
    ),
    (r"argument (?P<a>.+?): expected one argument", "{a} 后面要写一个值"),
    (r"argument (?P<a>.+?): expected at least one argument", "{a} 后面至少要写一个值"),
    (r"argument (?P<a>.+?): invalid (?P<b>\w+) value: (?P<c>.+)", "{a} 的值 {c} 不对，要写整数"),
    (r"argument (?P<a>.+?): ignored explicit argument (?P<b>.+)", "{a} 后面不写值，写了 {b}"),
    (r"argument (?P<a>.+?): not allowed with argument (?P<b>.+)", "{a} 和 {b} 只能写一个"),
    (r"unrecognized arguments: (?P<a>.+)", "不认识 {a}"),
    (r"ambiguous option: (?P<a>\S+) could match (?P<b>.+)", "{a} 可能是 {b}，请写全"),
)


class Parser(argparse.ArgumentParser):
    """An argument parser whose refusals are sentences in Chinese; the exit code of a wrong call is 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where the help stands, and leave with 2."""
        self.exit(2, f"{in_chinese(message)}。用法见 {self.prog} --help。\n")


def in_chinese(message: str) -> str:
    """A message of argparse in Chinese; one that is not known stays as it is."""
    for pattern, words in SAID:
        if found := re.fullmatch(pattern, message):
            return words.format(
                **{name: text.replace(", ", "、") for name, text in found.groupdict().items()}
            )
    return f"命令写得不对：{message}"
