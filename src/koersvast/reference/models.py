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
    """An edition of an area: a code with the years in which its borders hold.

    A code that lives on with other borders (Groningen in 2019) has two rows; which row held is a matter of the year
    of the classification on which a figure was counted, not always of the year that it counts.
    """

    class Privacy:
        plain = {"id", "code", "name", "kind", "valid_from", "valid_until", "parent_code", "begun_by", "outline"}

    class Kind(models.TextChoices):
        COUNTRY = "country"
        LANDSDEEL = "landsdeel"
        PROVINCE = "province"
        POLICE_UNIT = "police_unit"
        POLICE_DISTRICT = "police_district"
        BASISTEAM = "basisteam"
        SAFETY_REGION = "safety_region"
        REGION = "region"
        MUNICIPALITY = "municipality"
        WIJK = "wijk"
        BUURT = "buurt"

    class Begun(models.TextChoices):
        """Why an edition begins: what is known about the borders that the same code had before."""

        FIRST = "", "the first edition that is held, or a code that is new"
        CHANGED = "changed", "the code had other borders before"
        NOT_KNOWN = "not_known", "nobody said whether the borders are those of before"

    code = models.CharField(max_length=10, help_text="CBS code without padding, such as GM0148.")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    valid_from = models.PositiveSmallIntegerField(help_text="First year in which these borders hold.")
    valid_until = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Last year; empty while they hold.")
    parent_code = models.CharField(max_length=10, blank=True)
    begun_by = models.CharField(max_length=10, choices=Begun.choices, blank=True, default="")
    outline = models.CharField(
        max_length=64, blank=True, default="", help_text="SHA-256 of the outline, where a file of borders gave it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="an_area_has_one_edition_a_year"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="an_area_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "valid_from"], name="areas_of_a_kind_and_year"),
            models.Index(fields=["parent_code"], name="areas_within_an_area"),
        ]

    def __str__(self) -> str:
        return self.name


class AreaList(models.Model):
    """A complete list of the areas of one kind in one year: of the whole country, or within one area.

    Without such a list of a year, nothing can be said about the borders of that year: an absent area might have been
    gone, or never listed.
    """

    class Privacy:
        plain = {"id", "kind", "year", "within", "areas", "source"}

    kind = models.CharField(max_length=16, choices=Area.Kind.choices)
    year = models.PositiveSmallIntegerField()
    within = models.CharField(max_length=10, blank=True, help_text="Empty for the whole country.")
    areas = models.PositiveIntegerField()
    source = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year", "within"], name="areas_are_listed_once_a_year")]


class BorderChange(models.Model):
    """What one area gave to another on a day; an area that goes on as it was, in a larger one, gives to itself.

    All rows of one `from_code` on one day together tell where all of it went.
    """

    class Privacy:
        plain = {"id", "on", "from_code", "into_code", "kind", "share", "note", "source"}

    class Kind(models.TextChoices):
        MERGED = "merged", "all of it went there"
        SPLIT = "split", "a part went there, and it ended"
        BORDER_MOVED = "border_moved", "a part went there, and it goes on"
        RENAMED = "renamed", "the same borders under another name and code"
        RECODED = "recoded", "the same borders and name under another code"

    on = models.DateField()
    from_code = models.CharField(max_length=10)
    into_code = models.CharField(max_length=10)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    share = models.FloatField(
        null=True, blank=True, help_text="Share (0 to 1) of the inhabitants that went there; empty: not known."
    )
    note = models.CharField(max_length=300, blank=True)
    source = models.TextField()

    class Meta:
        ordering = ["on", "into_code", "from_code"]
        constraints = [
            models.UniqueConstraint(fields=["on", "from_code", "into_code"], name="a_border_changes_once_a_day"),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gte=0, share__lte=1), name="a_share_lies_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["split", "border_moved"]) | Q(share=None) | Q(share=1),
                name="what_went_whole_has_no_smaller_share",
            ),
        ]


class Membership(models.Model):
    """An area within a group that CBS codes do not tell: police unit, basisteam, safety region."""

    class Privacy:
        plain = {"id", "group_code", "member_code", "year_from", "year_until", "source"}

    group_code = models.CharField(max_length=10)
    member_code = models.CharField(max_length=10)
    year_from = models.PositiveSmallIntegerField()
    year_until = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Last year; empty while it holds.")
    source = models.TextField()

    class Meta:
        ordering = ["group_code", "member_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["group_code", "member_code", "year_from"], name="a_member_begins_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(year_until=None) | Q(year_until__gte=F("year_from")),
                name="a_membership_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["member_code"], name="groups_of_a_member")]


class Borders(models.Model):
    """The borders of one level in one year, as fetched: the shapes themselves stay in the snapshot."""

    class Privacy:
        plain = {"id", "kind", "year", "within", "capture", "areas", "source", "licence", "taken_on"}

    kind = models.CharField(max_length=16, choices=Area.Kind.choices)
    year = models.PositiveSmallIntegerField()
    within = models.CharField(max_length=10, blank=True, help_text="Empty for the whole country.")
    capture = models.CharField(max_length=64, help_text="SHA-256 of the capture or of the file itself.")
    areas = models.PositiveIntegerField()
    source = models.TextField()
    licence = models.CharField(max_length=100)
    taken_on = models.DateField()

    class Meta:
        ordering = ["kind", "-year", "within"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "within", "capture"], name="borders_are_kept_once")
        ]
