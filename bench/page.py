"""The dispatch page of 31 provinces × 5 indicators: server time of the whole request, against the canonical JSON of the same table."""

import sys

from bench.measuring import house, in_own_process, median_ms, table


def run(*, quick: bool = False) -> None:
    """Print the page's time beside that of the bare table."""
    page, bare = in_own_process("bench.page", "one").split()
    rows = [(f"{float(page):.0f}", f"{float(bare):.0f}", f"{float(page) / float(bare):.2f}×")]
    table("调度页服务器用时（毫秒，31 省 × 5 项）", ("整页", "只算表", "页 / 表"), rows)


def one() -> None:
    """Measure and print two numbers."""
    house()
    from django.test import Client

    from keshu.demo import loading
    from keshu.directory.models import Account
    from keshu.figures.canonical import dispatch_json
    from keshu.figures.dispatch import dispatch
    from keshu.terms.period import Period

    loading.load(lambda line: None)
    client = Client()
    client.force_login(Account.objects.get(username="suzhiheng"), "django.contrib.auth.backends.ModelBackend")
    address = "/desk/dispatch/?scheme=strong-st-5&period=2023&level=province"

    def page() -> None:
        assert client.get(address).status_code == 200

    def bare() -> None:
        dispatch_json(dispatch("strong-st-5", Period.parse("2023"), level="province", sparks=True))

    print(median_ms(page, runs=9), median_ms(bare, runs=9))


if __name__ == "__main__":
    one() if sys.argv[1:] == ["one"] else sys.exit(2)
