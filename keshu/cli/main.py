"""The ``keshu`` command. Every command prepares an empty data folder before it works."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from keshu.cli.parsing import Parser

Command = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """The words the command understands."""
    top = Parser(prog="keshu", description="科枢：市科技局的工作系统")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")

    serve = commands.add_parser("serve", help="启动网站和后台任务")
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--no-demo", action="store_true", help="空库，不载入演示数据")

    init = commands.add_parser("init", help="给一个地区建库：本级、下一级地区和指标包")
    init.add_argument("--region", required=True, help="本级地区：代码或名称")
    init.add_argument("--name", help="新地区的名称；指标包里没有的地区要写")
    init.add_argument("--level", help="新地区的层级（province、city、county、town），不写按代码判断")
    init.add_argument("--children", help="下级地区表（CSV：code,name,short,part,group）")

    imports = commands.add_parser("import", help="导入数据")
    kinds = imports.add_subparsers(dest="kind", required=True)
    figures = kinds.add_parser("figures", help="导入指标数（CSV 或 Excel）")
    figures.add_argument("file")
    figures.add_argument("--dry-run", action="store_true", help="只看结果，不写入")
    figures.add_argument("--format", choices=["text", "json"], default="text")
    figures.add_argument("--refused", help="被拒收的行另存为这个工作簿")
    targets = kinds.add_parser(
        "targets", help="导入目标（CSV：indicator,region,year,low,high,stretch,doc_no）"
    )
    targets.add_argument("file")

    figure = commands.add_parser("figure", help="查一个数和它的出处")
    figure.add_argument("measure", help="计量或指标：代码、名称或别名")
    figure.add_argument("--region", required=True)
    figure.add_argument("--period", required=True)
    figure.add_argument(
        "--where", help="取自台账的计量再加条件，如 --where \"级别 == '国家级'\"，列出后面的记录"
    )
    figure.add_argument("--as-of")
    figure.add_argument("--vintage", choices=["latest", "first"], default="latest")
    figure.add_argument("--trace", action="store_true")
    figure.add_argument("--format", choices=["text", "json"], default="json")

    dispatch = commands.add_parser("dispatch", help="出调度表")
    dispatch.add_argument("--scheme", required=True)
    dispatch.add_argument("--period", required=True)
    dispatch.add_argument("--level", help="行的层级：province、city、county、town，不写是本级的下一级")
    dispatch.add_argument("--region")
    dispatch.add_argument("--as-of")
    dispatch.add_argument("--vintage", choices=["latest", "first"], default="latest")
    dispatch.add_argument("--format", default="json", help="json、xlsx、docx、html 或 csv")
    dispatch.add_argument("--out", help="写到这个文件；不写时 json 打在屏幕上，其他格式写在当前目录")

    verify = commands.add_parser("verify", help="核验")
    verify.add_argument("what", choices=["cube", "chain", "audit"])

    demo = commands.add_parser("demo", help="演示数据")
    demo.add_argument("action", choices=["load", "accounts"])

    lake = commands.add_parser("lake", help="列存文件（Parquet）：发布，或从它出调度表")
    lake.add_argument(
        "action", choices=["publish", "dispatch"], help="publish 发布，dispatch 从发布的文件出调度表（JSON）"
    )
    lake.add_argument("--out", help="目录，默认在数据目录下")
    lake.add_argument("--scheme", help="dispatch：方案")
    lake.add_argument("--period", help="dispatch：期间")
    lake.add_argument("--level", default="county", help="dispatch：行的层级")
    lake.add_argument("--region", help="dispatch：上级地区，不写是本级")

    account = commands.add_parser("account", help="建第一个账号")
    account.add_argument("username")
    account.add_argument("--name", required=True)
    account.add_argument("--role", required=True)
    account.add_argument("--region")

    manage = commands.add_parser("manage", help="Django 管理命令")
    manage.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what was asked, 1 when it was refused, 2 for a wrong call."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshu.settings")
    options = parser().parse_args(argv)
    import django

    django.setup()
    if options.command == "manage":
        from django.core.management import execute_from_command_line

        execute_from_command_line(["keshu manage", *options.rest])
        return 0
    from keshu.cli import commands
    from keshu.cli.prepare import prepare

    prepare(quiet=options.command != "serve")
    try:
        return commands.RUN[options.command](options)
    except commands.REFUSALS as refusal:
        print(str(refusal), file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader has seen enough (| head)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as failure:
        where = f"“{failure.filename}”" if failure.filename else "文件"
        why = failure.strerror or str(failure)
        print(f"{where}读写不成：{why}。请核对路径、权限和磁盘空间后重试。", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
