"""A definition leaves as a file and comes in from one: what would change is seen before it is loaded."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.custom.defining import DefinitionRefused, EditedMeanwhile, MayNotDefine, define
from keshu.custom.files import LARGEST, FileRefused, Loading, compared, exported, read_file, ready_made
from keshu.desk.customs.defining import CONFLICT, REFUSED, definition_of
from keshu.desk.guard import address, needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Actor, Can
from keshu.journal import audit


@require_GET
@needs(Can.KEEP_LEDGERS)
def file(request: HttpRequest, code: str) -> HttpResponse:
    """The definition as a file for another bureau."""
    definition = definition_of(code)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    audit.note(actor, "导出", f"台账定义 {definition.name}", address=address(request))
    name = f"{definition.name}_定义_第{definition.edition}版.yaml"
    return attachment(exported(definition).encode(), name, "application/yaml; charset=utf-8")


@require_POST
@needs(Can.KEEP_LEDGERS)
@limited(UPLOAD)
@bounded("desk:customs")
def load(request: HttpRequest) -> HttpResponse:
    """A file comes in: what it would make or change."""
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选一份导出的台账定义（.yaml）再传。")
        return redirect("desk:customs")
    raw = uploaded.read(LARGEST + 1)
    try:
        text = raw.decode("utf-8-sig")
        loading = compared(read_file(text))
    except (UnicodeDecodeError, FileRefused) as refusal:
        said = "这个文件不是文字，不是台账定义。请选导出的 .yaml 文件。"
        messages.error(request, str(refusal) if isinstance(refusal, FileRefused) else said)
        return redirect("desk:customs")
    return _preview(request, loading, text)


def _preview(
    request: HttpRequest, loading: Loading, text: str, *, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "loading": loading,
        "text": text,
        "problems": problems,
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": "自定义台账", "href": reverse("desk:customs")},
            {"label": "载入定义"},
        ],
    }
    return render(request, "customs/loading.html", context, status=status)


@require_POST
@needs(Can.KEEP_LEDGERS)
def confirm(request: HttpRequest) -> HttpResponse:
    """What was seen is loaded; the file speaks for itself a second time, so nothing can be slipped in between."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        loading = compared(read_file(text))
    except FileRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:customs")
    return _loaded(request, loading, text)


@require_POST
@needs(Can.KEEP_LEDGERS)
def ready(request: HttpRequest) -> HttpResponse:
    """One of the ledgers that come with the house."""
    for wanted in ready_made():
        if wanted.code == request.POST.get("code"):
            return _loaded(request, compared(wanted), "")
    messages.error(request, "没有这个现成的台账。请从列出的里面选。")
    return redirect("desk:customs")


def _loaded(request: HttpRequest, loading: Loading, text: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seen = request.POST.get("edition", "")
    edition = int(seen) if seen.isascii() and seen.isdigit() else None
    if loading.stands is None:
        edition = None
    elif edition is None:
        edition = loading.stands.edition
    try:
        saved = define(loading.wanted, actor, seen=edition)
    except DefinitionRefused as refusal:
        return _preview(request, loading, text, problems=list(refusal.problems.values()), status=REFUSED)
    except EditedMeanwhile as told:
        return _preview(request, loading, text, problems=[str(told)], status=CONFLICT)
    except MayNotDefine as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    messages.success(request, f"{saved.name}已载入，现在是第 {saved.edition} 版。")
    return redirect("desk:custom", code=saved.code)
