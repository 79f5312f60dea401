"""All addresses: pages and admin under /clinics/<slug>/, the API under /api/v1/, accounts, platform, health."""

from django.urls import URLPattern, URLResolver, include, path

from clinics.admin_site import ClinicSiteResolver, clinic_site
from clinics.views import passkeys, start, styleguide
from config import errors, health, landing
from config.admin import platform_site

clinic_pages: list[URLPattern | URLResolver] = [
    path("", landing.home, name="home"),
    path("find/", landing.find, name="find"),
    path("", include("clinics.urls")),
    path("", include("clients.urls")),
    path("", include("sessions.urls")),
    path("", include("analytics.urls")),
]

urlpatterns = [
    path("", start.start, name="start"),
    path("preferences/", start.preferences, name="preferences"),
    path("still-signed-in/", start.still_signed_in, name="still_signed_in"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
    path("accounts/", include("allauth.urls")),
    path("clinics/<slug:clinic_slug>/", include(clinic_pages)),
    ClinicSiteResolver("clinics/<slug:clinic_slug>/admin/", clinic_site),
    path("platform/", platform_site.urls),
    path("api/v1/", include("config.api")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many
handler500 = errors.server_error
