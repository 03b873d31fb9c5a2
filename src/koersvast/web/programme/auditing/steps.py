"""The steps of making a plan as a checklist that the plan walks through."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.access.permissions import Permission
from koersvast.indicators.wording import language_now
from koersvast.policy.models import Plan
from koersvast.policy.queries.plans import plans
from koersvast.programme.changes.auditing import take_step
from koersvast.programme.models import PlanStep
from koersvast.programme.queries.auditing import StepLine, plan_steps
from koersvast.reference.queries import method_steps
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.auditing.forms import StepForm
from koersvast.web.programme.auditing.views import plan_asked
from koersvast.web.saving import status_of, written

BADGES = {
    PlanStep.State.OPEN: c.Badge(text=gettext_lazy("To do"), symbol="not-measured"),
    PlanStep.State.DONE: c.Badge(text=gettext_lazy("Step done"), symbol="on-course", tone="positive"),
    PlanStep.State.SKIPPED: c.Badge(text=gettext_lazy("Step left out"), symbol="same", tone="info"),
}


@permitted(GET=Permission.PROGRAMME_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """All steps with how far each is."""
    return _page(request, plan_asked(request))


def _page(request: TenantRequest, plan: Plan | None, refused: tuple[int, StepForm] | None = None) -> HttpResponse:
    lines = plan_steps(plan) if plan else []
    shown = {
        "plan": plan,
        "others": [one for one in plans() if plan is None or one.pk != plan.pk],
        "steps": [_step(line, refused) for line in lines],
        "done": sum(line.state != PlanStep.State.OPEN for line in lines),
        "source": method_steps().source,
        "may_edit": Permission.PROGRAMME_EDIT in request.entry.permissions,
        "empty": c.Empty(
            title=_("There is no plan yet"), text=_("The steps are of a plan. Write one first."), symbol="info"
        ),
    }
    return render(request, "programme/plan_steps.html", shown, status=status_of(refused[1]) if refused else 200)


def _step(line: StepLine, refused: tuple[int, StepForm] | None) -> dict[str, object]:
    step, is_english = line.step, language_now() == "en"
    is_refused = refused is not None and refused[0] == step.number
    form = refused[1] if refused and is_refused else StepForm(
        prefix=f"stap-{step.number}", initial=StepForm.values_of(line.row)
    )  # fmt: skip
    return {
        "number": step.number,
        "name": step.name_en if is_english else step.name_nl,
        "done_when": step.done_when_en if is_english else step.done_when_nl,
        "badge": BADGES[PlanStep.State(line.state)],
        "row": line.row,
        "form": form,
        "is_open": is_refused,
    }


@permitted(POST=Permission.PROGRAMME_EDIT)
def take(request: TenantRequest, plan: str, step: int) -> HttpResponse:
    """Mark a step."""
    row = get_object_or_404(Plan.objects.select_related("municipality"), code=plan)
    if step not in {one.number for one in method_steps().steps}:
        raise Http404
    form = StepForm(request.POST, prefix=f"stap-{step}")

    def write() -> object:
        return take_step(
            plan=row, step=str(step), by=request.entry.user, version=form.cleaned_data["version"], **form.given()
        )

    if not written(form, write, standing=StepForm.values_of):
        return _page(request, row, (step, form))
    messages.success(request, _("The step is noted."))
    where = reverse("plan-steps", kwargs={"municipality": request.entry.municipality.slug})
    return redirect(f"{where}?plan={row.code}#stap-{step}")
