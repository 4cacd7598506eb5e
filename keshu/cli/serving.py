"""Serving: the web server, the worker of background tasks and the loading of the demonstration, side by side."""

import argparse
import os
import signal
import subprocess
import sys
import threading
import urllib.request

from django.conf import settings

from keshu.terms import clock


def run(options: argparse.Namespace) -> int:
    """Start everything, print where it is, and stop everything on Ctrl+C or when the web server ends."""
    address = f"{options.host}:{options.port}"
    environment = {**os.environ, "KESHU_HOME": str(settings.HOME)}
    web = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "keshu.wsgi:application", "--bind", address),
            *("--workers", "2", "--threads", "4", "--timeout", "120", "--log-level", "warning"),
        ],
        env=environment,
    )
    running = [web]
    try:
        if not _answers(f"http://{address}/", web):
            return 1
        print(f"\n科枢已启动  http://{address}\n数据目录    {settings.HOME}", flush=True)
        if not options.no_demo and _shows_demonstration():
            _demo(environment)
        daily = [sys.executable, "-m", "keshu.cli.main", "manage", "prepare_reminders", "--daily"]
        subprocess.run(daily, env=environment, check=False)
        worker = subprocess.Popen(
            [sys.executable, "-m", "keshu.cli.main", "manage", "db_worker", "--interval", "1"],
            env=environment,
        )
        running.append(worker)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: web.terminate())
        return web.wait()
    finally:
        for process in reversed(running):
            if process.poll() is None:
                process.terminate()
        for process in running:
            process.wait(timeout=15)


def _answers(url: str, web: subprocess.Popen[bytes], seconds: int = 30) -> bool:
    """Whether the server answers before the time is up."""
    end = clock.monotonic() + seconds
    pause = threading.Event()
    while clock.monotonic() < end and web.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (own loopback address)
                return True
        except OSError:
            pause.wait(0.2)
    print("网站没有起来。端口可能被占用：换一个端口再试，如 PORT=8001 make run。", file=sys.stderr)
    return False


def _shows_demonstration() -> bool:
    """Whether the house is empty or the demonstration's own; a bureau's house is never mixed with it."""
    from keshu.demo.series import stated
    from keshu.figures.models import RegionShown

    shown = RegionShown.objects.select_related("region").first()
    return shown is None or shown.region.code == stated()["region"]["code"]


def _demo(environment: dict[str, str]) -> None:
    """Load the demonstration when it is not there yet, and print its accounts."""
    for action in ("load", "accounts"):
        subprocess.run([sys.executable, "-m", "keshu.cli.main", "demo", action], env=environment, check=False)
