"""业务设置 in the browser."""

import pytest

from keshu.diary.lines import in_use
from keshu.diary.models import Line

pytestmark = pytest.mark.django_db
PAGE = "/desk/lines/"


def test_switched_off_and_on_again_with_reasons(world):
    client = world.client("planning")
    fields = {"register": "programmes", "first_year": "2026", "last_year": "2026", "reason": "划出"}
    for wrong in ({"first_year": "今年"}, {"reason": " "}, {"register": "x"}, {"region": "999999"}):
        answer = client.post(f"{PAGE}off/", {**fields, **wrong})
        assert answer.status_code == 422
    assert "划出" in client.post(f"{PAGE}off/", {**fields, "last_year": "20"}).content.decode()  # kept
    assert client.post(f"{PAGE}off/", {**fields, "region": str(world.staff.county.pk)}).status_code == 302
    assert "programmes" not in in_use(2026, world.actors["north"]) and "programmes" in in_use(2026)
    said = client.get(PAGE).content.decode()
    assert "望岭县停用" in said and "划出" in said
    line = Line.objects.get()
    assert client.post(f"{PAGE}{line.pk}/on/", {"reason": ""}).status_code == 422
    assert client.post(f"{PAGE}{line.pk}/on/", {"reason": "恢复"}).status_code == 302
    assert "programmes" in in_use(2026, world.actors["north"])
    assert client.post(f"{PAGE}999/on/", {"reason": "x"}).status_code == 404
