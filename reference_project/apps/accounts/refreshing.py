"""How a refresh token is exchanged for a fresh access token."""

from typing import Any

from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from apps.accounts.models import CustomUser


class RefreshSerializer(TokenRefreshSerializer):
    """A refresh token; one of a deleted account, or of an old password, is refused."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """Check the token, and make an access token.

        :param attrs: the refresh token.
        :returns: the access token.
        :raises rest_framework_simplejwt.exceptions.TokenError: when the token is not good.
        :raises rest_framework_simplejwt.exceptions.AuthenticationFailed: when its user is gone or
            may not log in.
        """
        token = RefreshToken(attrs["refresh"])
        user = CustomUser.objects.filter(pk=token[api_settings.USER_ID_CLAIM]).first()
        # The library asks this of the other kind of token only.
        if user is None or (
            token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(user.password)
        ):
            raise AuthenticationFailed(
                str(self.error_messages["no_active_account"]), "no_active_account"
            )
        return super().validate(attrs)
