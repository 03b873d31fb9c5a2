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
    CHECK_ANSWER = "check.answer"
    DOCUMENT_MAKE = "document.make"
    AUDIT_VIEW = "audit.view"
    SETTINGS_EDIT = "settings.edit"
