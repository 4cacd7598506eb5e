"""Steps up to the acceptance notice: nomination, publicity at home, formality check with correction, withdrawal."""

import hashlib
from datetime import date
from typing import Any

from keshu.awards import holds
from keshu.awards.models import Days, Nomination, Round
from keshu.awards.policy import Span, limit, reasons, span
from keshu.awards.steps.who import at, handles, handles_ours, nominates
from keshu.directory.actors import Actor
from keshu.journal.rows import canonical
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.terms import clock

S = Nomination.State
CONTENT = (
    *("round_id", "title", "field", "unit_name", "other_units", "nominator_kind", "nominator_id", "experts"),
    *("letter_no", "opinion", "summary", "achievement_number", "applied_from"),
)
FORMALITY = "award-formality"


def _complete(record: Any, actor: Actor) -> str | None:
    wanted = ["title", "unit_name", "letter_no", "opinion", "summary", "applied_from"]
    absent = [
        str(Nomination._meta.get_field(name).verbose_name) for name in wanted if not getattr(record, name)
    ]
    return f"还没有填：{'、'.join(absent)}。补齐后再提名。" if absent else None


def _window(record: Any, actor: Actor) -> str | None:
    return in_window(record.round, record.correct_by if record.state == S.RETURNED else None)


def in_window(found: Round, correct_by: date | None = None) -> str | None:
    """The round takes nominations now; what was returned for correction has its own last day."""
    now = clock.now()
    if correct_by is not None:
        return f"补正已于 {correct_by} 截止，逾期不受理。" if clock.today() > correct_by else None
    if found.state != Round.State.OPEN:
        return f"“{found}”现在是{found.get_state_display()}，不收提名。"
    if now < found.opens_at:
        return f"“{found}”{found.opens_at.astimezone(clock.TZ):%Y-%m-%d %H:%M} 开始提名。"
    if now > found.nominate_until:
        return f"“{found}”已于 {found.nominate_until.astimezone(clock.TZ):%Y-%m-%d %H:%M:%S} 截止提名。"
    return None


def _people(record: Any, actor: Actor) -> str | None:
    most = holds.widest(record.round.limits)
    return holds.people_in_order(holds.orders_of(record), 1 + len(record.other_units), most)


def _itself(record: Any, actor: Actor) -> str | None:
    return holds.not_itself(record)


def _experts(record: Any, actor: Actor) -> str | None:
    return holds.experts_suffice(record, clock.today())


def once(record: Any, actor: Actor) -> str | None:
    """Looked at before the step; ``refuse_second`` looks again with the year's rounds held."""
    return holds.once_a_year(record) or holds.experts_free(record, holds.people_of(record), clock.today())


def refuse_second(record: Any) -> None:
    """Raises MoveRefused for a second nomination of the year, two at once included. Inside ``writing`` only."""
    holds.lock_year(record)
    people = holds.people_of(record)
    problem = holds.once_a_year(record) or holds.experts_free(record, people, clock.today())
    if problem:
        raise MoveRefused(problem)


def _submit(record: Any, step: Step) -> None:
    refuse_second(record)
    record.submitted_on, record.correct_by = clock.today(), None
    record.content_hash = content_hash(record)
    if not record.number:
        record.number = next_number("TM", record.year)


def content_hash(record: Nomination) -> str:
    """SHA-256 over what the nominator wrote, people and basis included; it stands on the receipt."""
    data = record.recorded_data()
    rows = [data[name] for name in CONTENT]
    people = record.winners.for_system("摘要").order_by("order")
    bases = record.bases.for_system("摘要").order_by("pk")
    rows += [[w.order, w.name, w.unit_name, w.title] for w in people]
    rows += [[b.kind, b.number, b.name] for b in bases]
    return hashlib.sha256(canonical(rows).encode()).hexdigest()


def _publicise(record: Any, step: Step) -> None:
    given, today = step.given, clock.today()
    for whose, code in (("unit", "award-unit-publicity"), ("nominator", "award-nominator-publicity")):
        first, last = given[f"{whose}_from"], given[f"{whose}_until"]
        least = span(code, today)
        label = "完成单位公示" if whose == "unit" else "提名者公示"
        if last < first:
            raise MoveRefused(f"{label}止 {last} 早于起 {first}。核对后再填。")
        if not least.kept(first, last):
            raise MoveRefused(f"{label} {first} 至 {last}，不足 {least}。公示够了再登记。")
        if last >= today:
            raise MoveRefused(f"{label}到 {last} 才满。期满后再登记。")
        setattr(record, f"{whose}_notice_from", first)
        setattr(record, f"{whose}_notice_until", last)


def _publicised(record: Any, actor: Actor) -> str | None:
    if record.unit_notice_until is None or record.nominator_notice_until is None:
        return "还没有登记完成单位和提名者的公示起止。请先登记。"
    return None


def _applied(record: Any, actor: Actor) -> str | None:
    return applied_long(record.round, record.applied_from)


def applied_long(found: Round, begun: date) -> str | None:
    """The achievement was in use long enough when nominations end (dated limit ``award-application``)."""
    least = limit("award-application", "months", clock.today())
    end = found.nominate_until.astimezone(clock.TZ).date()
    months = (end.year - begun.year) * 12 + end.month - begun.month - (end.day < begun.day)
    if months < least:
        return f"{begun} 投入应用，到提名截止 {end} 是 {max(months, 0)} 个月，不足 {least} 个月。"
    return None


def _accept(record: Any, step: Step) -> None:
    refuse_second(record)
    found = record.round
    record.received_on = record.counts_on = record.accept_notice_from = clock.today()
    record.accept_notice_until = Span(found.accept_days, Days(found.accept_unit)).last(clock.today())
    record.reason_code = ""


def _reasons(record: Any) -> list[tuple[str, str]]:
    return reasons(FORMALITY, clock.today())


def _return(record: Any, step: Step) -> None:
    record.reason_code = step.given["reason"]
    record.correct_by = span("award-correction", clock.today()).last(clock.today())


def _fail(record: Any, step: Step) -> None:
    record.reason_code = step.given["reason"]


REASON = Ask("reason", "理由", "choice", choices=_reasons)
SUBMITTING = (_complete, _window, _itself, _people, _experts, once)

NOMINATING = (
    Transition(
        "submit",
        "提名",
        at(S.DRAFT, S.RETURNED),
        str(S.SUBMITTED),
        nominates,
        needs=SUBMITTING,
        effect=_submit,
    ),
    Transition("take_back", "撤回修改", at(S.SUBMITTED), str(S.RETURNED), nominates, needs=(_window,)),
    Transition(
        "publicise",
        "登记公示",
        at(S.SUBMITTED),
        str(S.SUBMITTED),
        lambda actor, record: nominates(actor, record) or handles(actor, record),
        effect=_publicise,
        asks=(
            Ask("unit_from", "完成单位公示起", "date"),
            Ask("unit_until", "完成单位公示止", "date"),
            Ask("nominator_from", "提名者公示起", "date"),
            Ask("nominator_until", "提名者公示止", "date"),
        ),
    ),
    Transition(
        "accept",
        "形式审查合格",
        at(S.SUBMITTED),
        str(S.ACCEPT_NOTICE),
        handles_ours,
        needs=(_publicised, _people, _itself, _experts, _applied),
        effect=_accept,
    ),
    Transition(
        "return", "退回补正", at(S.SUBMITTED), str(S.RETURNED), handles, effect=_return, asks=(REASON,)
    ),
    Transition(
        "fail",
        "形式审查不合格",
        at(S.SUBMITTED, S.RETURNED),
        str(S.FAILED),
        handles,
        effect=_fail,
        asks=(REASON,),
        danger=True,
    ),
    Transition(
        "withdraw",
        "退出评奖",
        at(S.SUBMITTED, S.RETURNED, S.ACCEPT_NOTICE, S.REVIEWING, S.REVIEWED, S.VOTED, S.PROPOSED)
        | at(S.FINAL_NOTICE, S.RECEIVED, S.RECOMMENDED, S.NOTICED),
        str(S.WITHDRAWN),
        lambda actor, record: nominates(actor, record) or handles(actor, record),
        note_required=True,
        danger=True,
    ),
)
