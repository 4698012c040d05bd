"""People in the Django admin. Signing in there is counted like everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from accounts import api_key_admin, origin_admin, policy_admin  # noqa: F401  (they register themselves)
from accounts.administered import AdministeredAdmin
from accounts.client_address import client_address
from accounts.models import User
from accounts.signin_limit import TooManySignIns, count_sign_in


class LimitedAuthenticationForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if username and self.request is not None:
            try:
                count_sign_in(username, client_address(self.request))
            except TooManySignIns as error:
                raise ValidationError(str(error), code="rate_limited") from None
        return super().clean()


if TYPE_CHECKING:
    UserAdminBase = DjangoUserAdmin[User]
else:
    UserAdminBase = DjangoUserAdmin

admin.site.login_form = LimitedAuthenticationForm
admin.site.site_header = admin.site.site_title = "VoiceAssist"
admin.site.index_title = "Administration"


@admin.register(User)
class UserAdmin(AdministeredAdmin, UserAdminBase):
    """Deactivate people instead of deleting them: what they said stays reviewable."""

    list_display = ("username", "email", "is_active", "is_staff", "is_demo", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "is_demo", "groups")
    readonly_fields = ("is_demo", "last_login", "date_joined")
    fieldsets = (*(DjangoUserAdmin.fieldsets or ()), ("Demo", {"fields": ("is_demo",)}))


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(AdministeredAdmin, DjangoGroupAdmin):
    """Django's own, with what is changed in the audit log."""
