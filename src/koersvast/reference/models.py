"""Taxonomies (field, theme, mapping between editions) and areas."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language


class Bilingual(models.Model):
    """Domain data carries its own two languages."""

    name_nl = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if get_language() == "en" else self.name_nl


class Taxonomy(Bilingual):
    """An edition of the fields and themes, such as the classic 22-theme list of Kernbeleid Veiligheid (VNG)."""

    class Privacy:
        plain = {"id", "code", "name_nl", "name_en", "valid_from", "source", "municipality_code"}

    code = models.SlugField(unique=True)
    valid_from = models.DateField()
    source = models.TextField(blank=True)
    municipality_code = models.CharField(max_length=6, blank=True, help_text="Empty for a national edition.")


class Field(Bilingual):
    """Veiligheidsveld: one of the five fields of an edition."""

    class Privacy:
        plain = {"id", "taxonomy", "code", "name_nl", "name_en"}

    taxonomy = models.ForeignKey(Taxonomy, models.CASCADE, related_name="fields")
    code = models.CharField(max_length=8)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["taxonomy", "code"], name="a_field_code_is_used_once")]


class Theme(Bilingual):
    """Veiligheidsthema: one theme within a field."""

    class Privacy:
        plain = {"id", "field", "code", "name_nl", "name_en", "examples_nl", "examples_en"}

    field = models.ForeignKey(Field, models.CASCADE, related_name="themes")
    code = models.CharField(max_length=8)
    examples_nl = models.CharField(max_length=300, blank=True)
    examples_en = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["field", "code"], name="a_theme_code_is_used_once")]

    @property
    def examples(self) -> str:
        """What falls under the theme, in the language of the reader."""
        return self.examples_en if get_language() == "en" else self.examples_nl


class ThemeMapping(models.Model):
    """How a theme of one edition relates to a theme of another; many to many."""

    class Privacy:
        plain = {"id", "earlier", "later", "relation", "note"}

    class Relation(models.TextChoices):
        SAME = "same"
        WIDER = "wider", "the later theme is wider"
        NARROWER = "narrower", "the later theme is narrower"
        OVERLAP = "overlap"

    earlier = models.ForeignKey(Theme, models.CASCADE, related_name="later_mappings")
    later = models.ForeignKey(Theme, models.CASCADE, related_name="earlier_mappings")
    relation = models.CharField(max_length=8, choices=Relation.choices)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["earlier", "later"], name="two_themes_are_mapped_once"),
            models.CheckConstraint(condition=~Q(earlier=F("later")), name="a_theme_is_not_mapped_to_itself"),
        ]


class Area(models.Model):
    """An area with the years in which its borders hold: municipality, wijk, buurt, province, country."""

    class Privacy:
        plain = {"id", "code", "name", "kind", "valid_from", "valid_until", "parent_code"}

    class Kind(models.TextChoices):
        COUNTRY = "country"
        PROVINCE = "province"
        MUNICIPALITY = "municipality"
        WIJK = "wijk"
        BUURT = "buurt"

    code = models.CharField(max_length=10, help_text="CBS code without padding, such as GM0148.")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    valid_from = models.PositiveSmallIntegerField(help_text="First year in which these borders hold.")
    valid_until = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Last year; empty while they hold.")
    parent_code = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="an_area_has_one_edition_a_year"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="an_area_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name
