"""A clerk of the planning office with the superior's monthly form, in the city whose figures at the end of September are known."""

import io

import pytest

from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import Unit
from keshu.filling.drafting import confirm, confirm_suggestions, put_suggestions
from keshu.filling.models import FormTemplate
from keshu.filling.receiving import new_template
from keshu.journal.writing import writing
from tests.filling.forms import monthly
from tests.reports.conftest import kept_office, office, today  # noqa: F401


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def clerk(office, actor, media) -> Actor:  # noqa: F811
    with writing(actor, "建单位"):
        bureau = Unit(code="QH-KJ", name="青禾市科学技术局", region=office.top)
        bureau.save()
    return Actor(
        account_id=None,
        name="苏知衡",
        unit_id=bureau.pk,
        roles=frozenset({Role.PLANNING}),
        sees_all=True,
        capabilities=frozenset({Can.FILL_FORMS, Can.GIVE_FIGURES, Can.SEE_ISSUED, Can.SEE_DISPATCH}),
    )


def receive(clerk, form, name="科技统计月报", frequency="month", **more) -> FormTemplate:
    stream = io.BytesIO(form.content)
    given = {"name": name, "receiver": "省科技厅", "frequency": frequency, **more}
    return new_template(clerk, stream, f"{name}.{form.kind}", **given)


@pytest.fixture
def form(clerk) -> FormTemplate:
    """The monthly form, received and not mapped."""
    return receive(clerk, monthly())


@pytest.fixture
def mapped(clerk, form) -> FormTemplate:
    """The monthly form with the mapping that its heads suggest."""
    put_suggestions(clerk, form)
    confirm_suggestions(clerk, form)
    confirm(clerk, form)
    return form
