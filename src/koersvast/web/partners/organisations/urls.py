"""Addresses of organisations, agreements, promises, regional plans, under the slug of a municipality."""

from django.urls import URLPattern, path

from koersvast.web.partners.organisations import agreements, downloads, own, partners, promises, units

PARTNER = "partners/<slug:organisation>/"

urlpatterns: list[URLPattern] = [
    path("partners/", partners.overview, name="partners"),
    path("partners/partners.<slug:form>", downloads.partners_file, name="partners-file"),
    path("partners/contactpersonen.<slug:form>", downloads.contacts_file, name="contacts-file"),
    path("partners/nieuw/", partners.new, name="partner-new"),
    path(PARTNER, partners.page, name="partner"),
    path(f"{PARTNER}wijzigen/", partners.edit, name="partner-edit"),
    path(f"{PARTNER}archief/", partners.archive, name="partner-archive"),
    path(f"{PARTNER}contactpersoon/", partners.contact_new, name="contact-new"),
    path(f"{PARTNER}contactpersoon/<int:contact>/", partners.contact_edit, name="contact-edit"),
    path(f"{PARTNER}contactpersoon/<int:contact>/verwijderen/", partners.contact_remove, name="contact-remove"),
    path(f"{PARTNER}toezegging/", promises.new, name="promise-new"),
    path("toezeggingen/", promises.overview, name="promises"),
    path("toezeggingen/<int:promise>/", promises.edit, name="promise-edit"),
    path("toezeggingen/<int:promise>/afronden/", promises.settle, name="promise-settle"),
    path("convenanten/", agreements.overview, name="agreements"),
    path("convenanten/convenanten.<slug:form>", downloads.agreements_file, name="agreements-file"),
    path("convenanten/nieuw/", agreements.new, name="agreement-new"),
    path("convenanten/<slug:agreement>/", agreements.page, name="agreement"),
    path("convenanten/<slug:agreement>/wijzigen/", agreements.edit, name="agreement-edit"),
    path("regio/", agreements.region, name="regional-plans"),
    path("regio/nieuw/", agreements.plan_new, name="regional-plan-new"),
    path("regio/<int:regional_plan>/", agreements.plan_edit, name="regional-plan-edit"),
    path("onze-organisatie/", units.page, name="own-units"),
    path("mijn-organisatie/", own.page, name="own-organisation"),
    path("mijn-organisatie/<slug:organisation>/", own.page, name="own-organisation-one"),
]
