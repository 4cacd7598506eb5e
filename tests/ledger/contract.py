"""What every register has to keep, whoever declares it: subclass this in ten lines and the house's promises are tested for it.

    class TestMyRegister(RegisterContract):
        code = "awards"                        # the register's code

        @pytest.fixture
        def world(self, people):               # what your records need besides people: a call, a cycle, a definition …
            return a_cycle(people)

        def make(self, owner, world, n=1):     # one saved record of the owner's organisation that the bureau sees too;
            ...                                # ``n`` tells several apart (title, number). ``owner`` is an Actor.
            return record

Optional:

        owner_roles = (Role.APPLICANT,)        # what the owner and its colleague are
        step = ("submit", "owner")             # a step ``make``'s record can take, and who takes it: owner or office
        note = "青科发〔2026〕1号"              # what that step wants written
        answers = {"on": "2026-05-20"}          # what that step asks for, as typed on the page
        def make_counted(self, owner, world):  # a record that counts in ``measure`` today (else the trace is not tested)
        measure = "projects_approved"

Everybody is there as the fixture ``people``: ``owner`` and ``colleague`` (one organisation of 望岭县), ``stranger`` (an organisation
of 岚川县), ``other_county`` (岚川县's bureau), ``office`` and ``planning`` (the city's bureau), ``admin`` (system administrator).
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.directory.actors import Actor, Role
from keshu.journal import moments
from keshu.journal.models import AuditEntry, HistoryRow
from keshu.journal.writing import writing
from keshu.ledger.models import Evidence, SavedView
from keshu.ledger.records import Record
from keshu.ledger.registers import Register, by_code
from keshu.procedure.moving import moves_of
from tests.desk.staff import Staff

#: Tests of registers that count something, and of those whose records take a step.
MEASURED = (
    "test_a_figure_opens_to_the_record_behind_it",
    "test_what_is_counted_is_exactly_what_the_link_lists",
)
STEPPED = ("test_a_step_taken_twice_happens_once", "test_a_bulk_step_moves_all_or_none")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass
class People:
    """Those who look at a register, each as an actor and as a browser."""

    staff: Staff
    usernames: dict[str, str] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        return self.staff.actor_as(self.usernames[who])

    def client(self, who: str, **options: object) -> Client:
        return self.staff.client(self.usernames[who], **options)


class RegisterContract:
    """The inherited tests; see the top of the file."""

    code: ClassVar[str]
    owner_roles: ClassVar[tuple[Role, ...]] = (Role.APPLICANT,)
    stranger_roles: ClassVar[tuple[Role, ...]] = (Role.APPLICANT,)
    step: ClassVar[tuple[str, str] | None] = None
    note: ClassVar[str] = ""
    answers: ClassVar[dict[str, str]] = {}
    measure: ClassVar[str] = ""
    #: Who must not see a record of ``make``. A register whose records everybody of the city sees says so here.
    outside: ClassVar[tuple[str, ...]] = ("stranger", "other_county")

    #: Who adds papers to a record of ``make``: of some the organisation may add nothing any more.
    files: ClassVar[str] = "owner"
    #: Every text in every filter; the others try two texts in each, for the code behind them is one.
    thorough: ClassVar[bool] = False

    pytestmark = pytest.mark.django_db

    def __init_subclass__(cls) -> None:
        """What a register does not have is not asked of it: the test is not there, instead of skipped."""
        absent = () if cls.measure else MEASURED
        for name in (*absent, *(() if cls.step else STEPPED)):
            setattr(cls, name, None)

    # ---- what the room gives

    def make(self, owner: Actor, world: Any, n: int = 1) -> Record:
        raise NotImplementedError

    def make_counted(self, owner: Actor, world: Any) -> Record:
        raise NotImplementedError

    @pytest.fixture
    def world(self, people: People) -> Any:
        """What records need besides people; nothing by default."""
        return None

    # ---- fixtures

    @pytest.fixture
    def people(self, staff: Staff) -> People:
        with writing(staff.actor, "两个单位"):
            own = staff.unit("91-OWN", "望岭材料研究院", staff.county)
            foreign = staff.unit("91-FOR", "岚川机电公司", staff.other)
            staff.hire("c_owner", own, *self.owner_roles)
            staff.hire("c_colleague", own, *self.owner_roles)
            staff.hire("c_stranger", foreign, *self.stranger_roles)
            staff.hire("c_other_county", staff.other_bureau, Role.COUNTY_HEAD)
        return People(
            staff,
            {
                "owner": "c_owner",
                "colleague": "c_colleague",
                "stranger": "c_stranger",
                "other_county": "c_other_county",
                "office": "office",
                "planning": "planning",
                "admin": "system_admin",
            },
        )

    @pytest.fixture
    def record(self, people: People, world: Any) -> Record:
        return self.make(people.actor("owner"), world)

    @pytest.fixture(autouse=True)
    def _kept_in_the_test_s_own_folder(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path

    @property
    def register(self) -> Register:
        found = by_code(self.code)
        assert found is not None, f"no register {self.code}"
        return found

    # ---- addresses

    def at(self, name: str, *args: object) -> str:
        return reverse(f"desk:{name}", args=[self.code, *args])

    def listed(self, client: Client, **query: str) -> set[int]:
        return {line["pk"] for line in client.get(self.at("register"), query).context["lines"]}

    # ---- the list and the page

    def test_owner_colleague_and_bureau_find_the_record_in_the_list(self, people, record):
        for who in ("owner", "colleague", "office", "planning"):
            assert record.pk in self.listed(people.client(who)), who

    def test_outsiders_do_not_find_the_record_in_the_list(self, people, record):
        for who in self.outside:
            assert record.pk not in self.listed(people.client(who)), who

    def test_administrators_see_no_register(self, people, record):
        client = people.client("admin")
        assert client.get(self.at("register")).status_code == 403
        assert client.get(self.at("record", record.pk)).status_code == 403

    def test_the_page_opens_to_those_who_see_the_record_and_is_not_there_for_others(self, people, record):
        for who in ("owner", "colleague", "office"):
            assert people.client(who).get(self.at("record", record.pk)).status_code == 200, who
        for who in self.outside:
            assert people.client(who).get(self.at("record", record.pk)).status_code == 404, who
            assert AuditEntry.objects.latest("pk").kind == "拒绝"

    def test_every_column_can_be_chosen_sorted_and_linked(self, people, record):
        client = people.client("office")
        for column in self.register.columns:
            page = client.get(
                self.at("register"), {"columns": column.path, "sort": column.path, "dir": "desc"}
            )
            assert page.status_code == 200
            assert self.at("record", record.pk) in page.content.decode(), column.path

    def test_every_filter_and_the_search_answer_any_text(self, people, record):
        client = people.client("office")
        texts = ("x", "9" * 40, "9999-99-99", "' OR 1=1 --", "\U00020000\u202e")
        names = (*self.register.filters, "q", "region", "counted", "from", "until", "page", "columns")
        for at, name in enumerate(names):
            for value in texts if self.thorough else (texts[at % 5], texts[(at + 2) % 5]):
                assert client.get(self.at("register"), {name: value}).status_code == 200, (name, value)

    # ---- a record of another organisation is never offered or accepted

    def test_the_pages_of_one_organisation_never_name_another_s_record(self, people, world, record):
        foreign = self.make(people.actor("stranger"), world, 2)
        said = people.client("owner").get(self.at("record", record.pk)).content.decode()
        assert self.at("record", foreign.pk) not in said
        for transition in self.register.procedure.transitions if self.register.procedure else ():
            for ask in transition.asks:
                assert str(foreign) not in [label for _, label in ask.options(record)]

    def test_a_step_on_another_s_record_is_not_there(self, people, record):
        for who in self.outside:
            answer = people.client(who).post(self.at("record_act", record.pk), {"action": "x"})
            assert answer.status_code == 404, who

    def test_another_s_record_is_not_taken_into_a_bulk_step(self, people, world, record):
        foreign = self.make(people.actor("stranger"), world, 2)
        answer = people.client("owner").post(self.at("record_together"), {"row": [record.pk, foreign.pk]})
        assert answer.status_code == 200 and answer.context["missing"] == 1
        assert [line["pk"] for line in answer.context["lines"]] == [record.pk]
        answer = people.client("owner").post(self.at("record_together"), {"row": [foreign.pk]})
        assert answer.status_code == 302

    # ---- leaving the house

    def test_the_export_and_the_print_carry_what_the_reader_sees(self, people, record):
        for who, has in (("owner", True), ("office", True), *((who, False) for who in self.outside)):
            client = people.client(who)
            csv = client.get(self.at("register_export"), {"format": "csv"}).content.decode("utf-8-sig")
            assert (len(csv.splitlines()) > 1) is has, who
            printed = client.get(self.at("register_print"))
            assert (printed.context["count"] > 0) is has, who
        assert AuditEntry.objects.filter(kind="导出").count() == 2 + len(self.outside)

    def test_a_figure_opens_to_the_record_behind_it(self, people, world):
        record = self.make_counted(people.actor("owner"), world)
        found = next(one for one in self.register.contributions(record) if one.measure == self.measure)
        asked = {"name": self.measure, "region": people.staff.city.code, "period": found.period}
        said = people.client("office").get(reverse("desk:trace"), asked).content.decode()
        assert self.at("record", record.pk) in said

    def test_what_is_counted_is_exactly_what_the_link_lists(self, people, world):
        self.make(people.actor("owner"), world, 3)
        record = self.make_counted(people.actor("owner"), world)
        day = getattr(record, next(m.date for m in self.register.measures if m.code == self.measure))
        client = people.client("office")
        held = self.listed(client, counted=self.measure, until=day.isoformat())
        assert held == {record.pk}

    # ---- papers

    def test_a_paper_is_kept_and_served_to_those_who_see_the_record_only(self, people, record):
        sent = SimpleUploadedFile("证明材料.pdf", PDF)
        answer = people.client(self.files).post(
            self.at("record_papers", record.pk), {"file": sent, "caption": "资质证明"}
        )
        assert answer.status_code == 302, answer.content.decode()[:3000]
        paper = Evidence.objects.for_system("测试").get()
        assert (paper.caption, paper.name, paper.added_by) == (
            "资质证明",
            "证明材料.pdf",
            people.actor(self.files).name,
        )
        for who in ("owner", "colleague", "office"):
            page = people.client(who).get(self.at("record", record.pk)).content.decode()
            assert "资质证明" in page and "证明材料.pdf" in page
            served = people.client(who).get(self.at("record_paper", record.pk, paper.pk))
            assert b"".join(served.streaming_content) == PDF
            assert served["Content-Disposition"].startswith("attachment")
            assert served["X-Content-Type-Options"] == "nosniff"
        for who in self.outside:
            refused = people.client(who).get(self.at("record_paper", record.pk, paper.pk))
            assert refused.status_code == 404
            assert AuditEntry.objects.latest("pk").kind == "拒绝"
        assert people.client("admin").get(self.at("record_paper", record.pk, paper.pk)).status_code == 403

    def test_a_paper_is_not_there_under_another_record(self, people, world, record):
        sent = SimpleUploadedFile("证明.pdf", PDF)
        people.client(self.files).post(self.at("record_papers", record.pk), {"file": sent})
        paper = Evidence.objects.for_system("测试").get()
        foreign = self.make(people.actor("stranger"), world, 2)
        answer = people.client("stranger").get(self.at("record_paper", foreign.pk, paper.pk))
        assert answer.status_code == 404
        assert AuditEntry.objects.latest("pk").kind == "拒绝"

    def test_a_refused_paper_keeps_what_was_typed(self, people, record):
        script = SimpleUploadedFile("说明.txt", b"<script>alert(1)</script>")
        answer = people.client(self.files).post(
            self.at("record_papers", record.pk), {"file": script, "caption": "写了一半的说明"}
        )
        assert answer.status_code == 422
        assert "写了一半的说明" in answer.content.decode()
        assert not Evidence.objects.for_system("测试").exists()

    def test_who_added_a_paper_takes_it_back_and_its_history_stays(self, people, record):
        sent = SimpleUploadedFile("错传.pdf", PDF)
        people.client(self.files).post(self.at("record_papers", record.pk), {"file": sent})
        paper = Evidence.objects.for_system("测试").get()
        back = self.at("record_paper_back", record.pk, paper.pk)
        people.client("colleague").post(back)
        assert Evidence.objects.for_system("测试").exists()
        for who in self.outside:
            assert people.client(who).post(back).status_code == 404
        people.client(self.files).post(back)
        assert not Evidence.objects.for_system("测试").exists()
        kept = HistoryRow.objects.filter(model="ledger.Evidence", object_pk=paper.pk).order_by("revision")
        assert [row.action for row in kept] == ["create", "delete"]

    # ---- saved views

    def test_a_view_is_its_owner_s_until_it_is_shared(self, people, record):
        owner, colleague = people.client("owner"), people.client("colleague")
        owner.post(self.at("view_keep"), {"name": "我看的", "question": "?q=材料"})
        view = SavedView.objects.for_system("测试").get()
        assert self._views(owner)[view.name] == "?" + view.question
        assert view.name not in self._views(colleague)
        assert view.name not in self._views(people.client("planning"))
        people.client("planning").post(
            self.at("view_keep"), {"name": "大家看", "question": "?q=材料", "shared": "1"}
        )
        assert "大家看" in self._views(people.client("office"))
        assert "大家看" not in self._views(owner)

    def _views(self, client: Client) -> dict[str, str]:
        return {view["label"]: view["href"] for view in client.get(self.at("register")).context["views"]}

    # ---- steps

    def test_a_step_taken_twice_happens_once(self, people, record):
        assert self.step is not None
        action, who = self.step
        form = {
            "action": action,
            "state": record.state,
            "seen": moves_of(record).count(),
            "note": self.note,
            **{f"{action}.{name}": text for name, text in self.answers.items()},
        }
        client = people.client(who)
        before = moves_of(record).count()
        first = client.post(self.at("record_act", record.pk), form)
        assert first.status_code == 302, first.content.decode()[:4000]
        second = client.post(self.at("record_act", record.pk), form)
        assert second.status_code == 409
        assert people.actor(who).name in second.context["problem"]
        assert moves_of(record).count() == before + 1
        assert list(moments.broken_links()) == []

    def test_a_bulk_step_moves_all_or_none(self, people, world, record):
        assert self.step is not None
        action, who = self.step
        other = self.make(people.actor("owner"), world, 2)
        client = people.client(who)
        rows = [f"{one.pk}:{one.state}" for one in (record, other)]
        form = {
            "action": action,
            "note": self.note,
            **{f"{action}.{name}": text for name, text in self.answers.items()},
        }
        seen = client.post(self.at("record_together"), {"row": rows, "action": action})
        assert seen.status_code == 200 and seen.context["fit"] == 2
        stale = [rows[0], f"{other.pk}:somewhere"]
        refused = client.post(self.at("record_together"), {**form, "row": stale, "go": "1"})
        assert refused.status_code == 409 and str(other) in refused.context["problem"]
        assert moves_of(record).filter(action=action).count() == 0
        done = client.post(self.at("record_together"), {**form, "row": rows, "go": "1"})
        assert done.status_code == 302, done.content.decode()[:4000]
        for one in (record, other):
            assert moves_of(one).filter(action=action).count() == 1

    # ---- queries

    @pytest.mark.parametrize("who", ["owner", "office"])
    def test_the_list_asks_as_many_queries_for_three_rows_as_for_one(self, who, people, world, record):
        client = people.client(who)
        client.get(self.at("register"))
        one = self._queries(client, self.at("register"))
        for n in (2, 3):
            self.make(people.actor("owner"), world, n)
        assert self._queries(client, self.at("register")) == one

    def test_the_page_asks_as_many_queries_beside_three_records_as_beside_one(self, people, world, record):
        self.make(people.actor("owner"), world, 2)
        client = people.client("office")
        client.get(self.at("record", record.pk))
        one = self._queries(client, self.at("record", record.pk))
        for n in (3, 4):
            self.make(people.actor("owner"), world, n)
        assert self._queries(client, self.at("record", record.pk)) == one

    @staticmethod
    def _queries(client: Client, address: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    # ---- the declaration

    def test_the_declaration_fits_the_model(self):
        register = self.register
        names = {column.name for column in register.model._meta.concrete_fields}
        assert {column.path for column in register.columns} <= names
        assert set(register.filters) <= names
        if register.procedure is not None:
            assert set(register.turns) <= set(register.procedure.states)
            assert register.private | register.struck | set(register.way) <= set(register.procedure.states)
