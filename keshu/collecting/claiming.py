"""A hand decides: whose a file is, which of two replies counts."""

from keshu.collecting.models import Reply, Sender
from keshu.collecting.procedure import REPLYING
from keshu.collecting.who import require_collect
from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, StaleState, move


def claim(reply: Reply, sender: Sender, actor: Actor) -> Reply:
    """Say whose an unclaimed file is. It counts when its sender has none yet; equal to the one that counts it stands aside.

    Raises NotYourTurn, StaleState, MoveRefused.
    """
    require_collect(actor)
    if sender.collection_id != reply.collection_id:
        raise MoveRefused(f"{sender.name}不在这一次收表里。请从列出的单位里选。")
    with writing(actor, f"认领 {reply.filename} {sender}"[:200]):
        Sender._base_manager.select_for_update().get(pk=sender.pk)
        locked = Reply._base_manager.select_for_update().get(pk=reply.pk)
        if locked.state != Reply.State.UNCLAIMED:
            raise StaleState(f"这份表已经是“{locked.get_state_display()}”，有人先办了。请刷新后再看。")
        locked.sender, locked.matched = sender, Reply.Matched.HAND
        locked.save()
        mine = Reply.objects.for_system("一家只计一份").filter(sender=sender)
        counted = mine.filter(state=Reply.State.COUNTED).first()
        if counted is not None and counted.content == locked.content:
            step, note = "set_aside", "和计入的一份逐格相同"
        else:
            step, note = ("take", "") if counted is None else ("take_beside", "")
        return move(locked, step, actor, procedure=REPLYING, note=note)


def act(
    reply: Reply, action: str, actor: Actor, *, note: str = "", given: dict[str, str] | None = None
) -> Reply:
    """One step of a reply: count, set_aside, return, unclaim, confirm. Raises NotYourTurn, StaleState, MoveRefused."""
    with writing(actor, f"{REPLYING.transition(action).label} {reply}"[:200]):
        if reply.sender_id is not None:
            Sender._base_manager.select_for_update().get(pk=reply.sender_id)
        return move(reply, action, actor, procedure=REPLYING, note=note, given=given)
