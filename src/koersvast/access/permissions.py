"""The permissions, as one list. Roles are data (`roles.toml`); this is what they are made of."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a person may do within one municipality."""

    FIGURES_VIEW = "figures.view"
    FIGURES_IMPORT = "figures.import"
    PLAN_VIEW = "plan.view"
    PLAN_EDIT = "plan.edit"
    PLAN_ADOPT = "plan.adopt"
    SURVEY_VIEW = "survey.view"
    SURVEY_MANAGE = "survey.manage"
    PRIORITIES_SCORE = "priorities.score"
    PROGRAMME_VIEW = "programme.view"
    PROGRAMME_EDIT = "programme.edit"
    PROGRESS_REPORT = "progress.report"
    REVIEW_VIEW = "review.view"
    REVIEW_RECORD = "review.record"
    PARTNERS_VIEW = "partners.view"
    PARTNERS_EDIT = "partners.edit"
    COUNCIL_VIEW = "council.view"
    COUNCIL_ASK = "council.ask"
    COUNCIL_EDIT = "council.edit"
    CHECK_ANSWER = "check.answer"
    DOCUMENT_MAKE = "document.make"
    AUDIT_VIEW = "audit.view"
    SETTINGS_EDIT = "settings.edit"
