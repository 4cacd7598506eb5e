"""Saved views (视图): a question to a register under a name, one's own or shared with one's organisation."""

from django.db import models, transaction
from django.db.models import Q

from keshu.directory.actors import Actor, Can
from keshu.ledger.models import SavedView
from keshu.terms import clock

LONGEST_NAME = 30
LONGEST_QUESTION = 1000
#: Own configuration: more tabs than this above a list are no help.
MOST = 20


class ViewRefused(ValueError):
    """A view cannot be kept, renamed or deleted; the message says why and what to do."""


def views_of(actor: Actor, register: str) -> models.QuerySet[SavedView]:
    """What the actor has kept of a register and what its organisation shares, own ones first."""
    own = Q(account_id=actor.account_id) if actor.account_id is not None else Q(pk__in=[])
    found = SavedView.objects.for_system("视图按账号和单位取").filter(register=register)
    return found.filter(own | Q(shared_with__in=actor.unit_ids)).order_by("shared_with", "pk")


def may_change(view: SavedView, actor: Actor) -> bool:
    """Whose view it is; a shared one also by whoever keeps ledgers in that organisation."""
    if view.account_id == actor.account_id:
        return True
    return view.shared_with_id in actor.unit_ids and actor.can(Can.KEEP_LEDGERS)


def keep(actor: Actor, register: str, name: str, question: str, *, shared: bool = False) -> SavedView:
    """Keep a question (``?q=…``) under a name. The same name again replaces one's own view. Raises ViewRefused."""
    named = _name(name)
    asked = question.removeprefix("?")
    if len(asked) > LONGEST_QUESTION:
        raise ViewRefused(f"条件有 {len(asked)} 个字符，最多存 {LONGEST_QUESTION} 个。去掉几个条件再存。")
    if actor.account_id is None:
        raise ViewRefused("没有账号，存不了视图。请登录后再存。")
    if shared and not (actor.can(Can.KEEP_LEDGERS) and actor.unit_id):
        raise ViewRefused("共享给本单位要有“管台账”的权限。存给自己，或请管台账的科室来存。")
    with transaction.atomic():
        mine = SavedView.objects.for_system("视图").filter(account_id=actor.account_id, register=register)
        held = mine.filter(name=named).first()
        if held is None and mine.count() >= MOST:
            raise ViewRefused(f"这个台账已存了 {MOST} 个视图。删去不用的再存。")
        view = held or SavedView(account_id=actor.account_id, register=register, name=named)
        view.question, view.made_by, view.made_at = asked, actor.name, clock.now()
        view.shared_with_id = actor.unit_id if shared else None
        view.save()
    return view


def rename(view: SavedView, actor: Actor, name: str) -> None:
    """Another name for a view. Raises ViewRefused for an empty, long or taken name, or somebody else's view."""
    _mine(view, actor)
    named = _name(name)
    taken = SavedView.objects.for_system("视图").filter(
        account_id=view.account_id, register=view.register, name=named
    )
    if taken.exclude(pk=view.pk).exists():
        raise ViewRefused(f"已有一个视图叫“{named}”。换一个名字。")
    view.name = named
    view.save(update_fields=["name"])


def drop(view: SavedView, actor: Actor) -> None:
    """Delete a view. Raises ViewRefused for somebody else's."""
    _mine(view, actor)
    view.delete()


def _mine(view: SavedView, actor: Actor) -> None:
    if not may_change(view, actor):
        raise ViewRefused(f"“{view.name}”是{view.made_by}存的，不能改。要改就另存一个。")


def _name(name: str) -> str:
    named = " ".join(name.split())
    if not named:
        raise ViewRefused("视图还没有名字。写一个，例如“今年市级待审”。")
    if len(named) > LONGEST_NAME:
        raise ViewRefused(f"名字有 {len(named)} 个字，最多 {LONGEST_NAME} 个。写短一点。")
    return named
