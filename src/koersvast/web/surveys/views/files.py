"""Bestand: bring in the file with answers, leave personal columns out, destroy what is no longer needed."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.personal_columns import PersonalColumn
from koersvast.connectors.sheets import FileRefused
from koersvast.surveys import changes, wording
from koersvast.surveys.models import MicrodataFile, Wave
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.forms.files import DestroyForm, SurveyFileForm
from koersvast.web.surveys.parts import files as parts
from koersvast.web.surveys.parts.waves import keeping
from koersvast.web.surveys.views.wave_frame import frame, wave_or_404


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def page(request: TenantRequest, wave: int) -> HttpResponse:
    """Bring in a file. What is refused says why; of what came in no row is shown."""
    found = wave_or_404(request, wave)
    form = SurveyFileForm(request.POST or None, request.FILES or None, wave=found)
    refused = ""
    personal: tuple[PersonalColumn, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            file = _receive(request, found, form)
        except FileRefused as refusal:
            refused = wording.file_sentence(refusal.problem)
        except changes.FileDoesNotFit as wrong:
            refused = parts.misfit(wrong.code)
        except changes.PersonalColumnsFound as stopped:
            personal = stopped.columns
            form = SurveyFileForm(_again(request, stopped.columns), wave=found, found=stopped.columns)
        else:
            messages.success(request, _("The file is read and sealed. Now look at the codebook."))
            return HttpResponseRedirect(reverse("wave-file", args=[file.wave.municipality.slug, found.pk]))
    return _page(request, found, form, refused=refused, personal=personal)


def _page(
    request: TenantRequest,
    found: Wave,
    form: SurveyFileForm,
    *,
    refused: str,
    personal: tuple[PersonalColumn, ...],
) -> HttpResponse:
    file = found.files.filter(superseded_at=None).first()
    has_come_to_nothing = bool(form.errors or refused or personal)
    return render(
        request,
        "surveys/file.html",
        frame(found, step=1, label=_("File"))
        | {
            "title": _("File with answers"),
            "lead": "" if file else _("The answers are sealed at once: nobody reads them, only the computation does."),
            "form": form,
            "file": file,
            "figures": parts.figures(found, file) if file else [],
            "facts": parts.facts(found, file) if file else [],
            "keeping": keeping(found, file, today=timezone.localdate()),
            "refused": c.Callout(title=_("This file was not read"), text=refused, tone="negative") if refused else None,
            "personal": parts.personal_table(personal) if personal else None,
            "is_open": has_come_to_nothing or file is None,
            "next_href": reverse("codebook", args=[found.municipality.slug, found.pk]),
        },
        status=422 if has_come_to_nothing else 200,
    )


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def destroy(request: TenantRequest, wave: int) -> HttpResponse:
    """Destroy the answers of a wave, with the reason, after a page that says what that means."""
    found = wave_or_404(request, wave)
    file = MicrodataFile.objects.filter(wave=found, superseded_at=None, destroyed_at=None).first()
    if file is None:
        raise Http404
    form = DestroyForm(request.POST or None)
    back = reverse("wave", args=[found.municipality.slug, found.pk])
    if request.method == "POST" and form.is_valid():
        try:
            changes.destroy_microdata(file, because=form.cleaned_data["because"], by=request.entry.user)
            messages.success(request, _("The answers are destroyed. What was computed from them stays."))
        except changes.AlreadyDestroyed:
            messages.info(request, _("These answers were destroyed before."))
        return HttpResponseRedirect(back)
    warning = _("After this nothing can be computed from this file any more. Outcomes that are there stay.")
    return render(
        request,
        "surveys/form_page.html",
        frame(found, label=_("Destroy the answers"))
        | {
            "title": _("Destroy the answers"),
            "lead": file.file_name,
            "callout": c.Callout(title=_("This cannot be undone"), text=warning, tone="warning"),
            "form": form,
            "submit": _("Destroy the answers"),
            "dangerous": True,
            "back": back,
        },
        status=422 if form.errors else 200,
    )


def _receive(request: TenantRequest, found: Wave, form: SurveyFileForm) -> MicrodataFile:
    given: UploadedFile[Any] = form.cleaned_data["file"]
    codebook: UploadedFile[Any] | None = form.cleaned_data["codebook"]
    return changes.receive_file(
        found,
        data=given.read(),
        file_name=Path(given.name or "file").name,
        codebook=codebook.read() if codebook else None,
        codebook_name=Path(codebook.name or "codebook").name if codebook else "",
        keep_until=form.cleaned_data["keep_until"],
        drop_columns=form.cleaned_data["drop_columns"],
        by=request.entry.user,
    )


def _again(request: TenantRequest, columns: tuple[PersonalColumn, ...]) -> Any:
    """What was sent, with the personal columns left out: the file itself is gone and has to be chosen again."""
    sent = request.POST.copy()
    sent.setlist("drop_columns", list(dict.fromkeys([*sent.getlist("drop_columns"), *(one.name for one in columns)])))
    return sent
