"""异议: who may object to a project in public notice. Objections come in writing, under a real name, with proof."""

import re

from keshu.directory.models import Unit
from keshu.procedure.moving import MoveRefused
from keshu.programmes import limits
from keshu.rules.models import Rule
from keshu.terms.text import clean_name

RULE = "application-objection"
#: At least a family name and a given name, or an organisation: Chinese characters of any plane, a middle dot between.
_NAME = re.compile(r"[㐀-䶿一-鿿\U00020000-\U000323af·（）()A-Za-z0-9]{2,60}")


class Anonymous(MoveRefused):
    """An objection without a real name."""


def refuse_anonymous(name: str) -> None:
    """Raises Anonymous for a name that names nobody; the words stand in the dated rule ``application-objection``."""
    found = limits.rule(Rule.Kind.LIMIT, RULE)
    if found is None:
        return
    cleaned = clean_name(name)
    nobody = next((word for word in found.data["nobody"] if word in cleaned), "")
    # 群众艺术馆 and 保密技术公司 are organisations: one of the directory is somebody, whatever words its name holds.
    if nobody and Unit.objects.filter(name=cleaned).exists():
        nobody = ""
    if nobody or not _NAME.fullmatch(cleaned):
        basis = " ".join(filter(None, (found.issuer, found.doc_no, f"（{found.source_mark}）")))
        raise Anonymous(
            f"异议人写的是“{name}”，不是真实姓名或单位全称，匿名异议不受理。依据：{found.name}{basis}。请写真实姓名后再登记。"
        )


def how() -> str:
    """How anybody may object, as the public pages say it; empty without a rule."""
    found = limits.rule(Rule.Kind.LIMIT, RULE)
    return str(found.data["how"]) if found is not None else ""
