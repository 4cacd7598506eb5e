"""``keshu manage changepassword NAME``: Django's command, and an entry in the audit chain."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from keshu.directory.actors import system
from keshu.directory.models import Account
from keshu.journal import audit


class Command(changepassword.Command):
    """Sets a password from the server's console; whoever holds the account must choose another at the next login."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """As Django's. The old password and all open sessions end; the entry names the account, never the password."""
        said = super().handle(*args, **options)
        account = Account.objects.get(username=options["username"])
        account.must_change = True
        account.save(update_fields=["must_change"])
        audit.note(system("服务器控制台"), "重设口令", account.username)
        return said
