"""The list of submissions of pretalx (Apache-2.0 release) with as many rows: run by bench/registers.py in an environment of its own.

Its pages are taken without their built style sheets and scripts, which only spares it work. Nothing of it is imported by the house.
"""

import os
import statistics
import sys
import tempfile
from datetime import date
from time import monotonic

ADDRESS = "/orga/event/e/submissions/"
QUESTIONS = ({}, {"q": "technology 77"}, {"state": "accepted"})
STATES = ("submitted", "accepted", "confirmed", "rejected")


def main(size: int) -> None:
    """Fill and measure; prints the milliseconds of a page of all, searched, filtered."""
    home = tempfile.mkdtemp(prefix="pretalx-bench-")
    os.environ.update(
        PRETALX_DATA_DIR=home, PRETALX_DB_NAME=f"{home}/db.sqlite3", DJANGO_SETTINGS_MODULE="pretalx.settings"
    )
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.staticfiles.storage import StaticFilesStorage, staticfiles_storage
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    settings.COMPRESS_ENABLED = settings.COMPRESS_OFFLINE = False
    staticfiles_storage._wrapped = StaticFilesStorage()
    user = fill(size)

    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    print(*(median_ms(client, question) for question in QUESTIONS))


def fill(size: int) -> object:
    """An event with ``size`` submissions of fifty speakers; its organiser."""
    from django_scopes import scopes_disabled
    from pretalx.event.models import Event, Organiser
    from pretalx.person.models import User
    from pretalx.submission.models import Submission

    with scopes_disabled():
        user = User.objects.create_user(email="a@b.example", password="x", name="A")
        user.is_administrator = True
        user.save()
        event = Event.objects.create(
            name="E", slug="e", organiser=Organiser.objects.create(name="O", slug="o"), email="a@b.example",
            date_from=date(2026, 1, 1), date_to=date(2026, 1, 3), timezone="Asia/Shanghai", locale="en",
            locale_array="en", content_locale_array="en",
        )  # fmt: skip
        event.build_initial_data()
        kind = event.submission_types.first()
        speakers = [User.objects.create_user(email=f"s{n}@b.example", name=f"S{n}") for n in range(50)]
        made = [
            Submission(
                event=event, code=f"C{n:07d}", title=f"Project {n} key technology {n * 7919 % 1000}",
                submission_type=kind, state=STATES[n % 4], content_locale="en",
            )
            for n in range(size)
        ]  # fmt: skip
        Submission._base_manager.bulk_create(made, batch_size=2000)
        through = Submission.speakers.through
        pks = Submission._base_manager.values_list("pk", flat=True)
        rows = [through(submission_id=pk, user_id=speakers[pk % 50].pk) for pk in pks]
        through.objects.bulk_create(rows, batch_size=5000)
    return user


def median_ms(client: object, question: dict[str, str]) -> float:
    """Median of five pages after one to warm up."""
    times = []
    for _ in range(6):
        begun = monotonic()
        answer = client.get(ADDRESS, question)
        times.append((monotonic() - begun) * 1000)
        assert answer.status_code == 200, answer.status_code
    return statistics.median(times[1:])


if __name__ == "__main__":
    main(int(sys.argv[1]))
