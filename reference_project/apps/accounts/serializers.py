"""What the accounts API accepts and shows; privileged fields are in none of these."""

from typing import Any, ClassVar

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.serializers import TokenRefreshSerializer

from apps.accounts.fields import normalise_address
from apps.accounts.models import CustomUser, LoginHistoryTrail, UserVisitHistory


class AddressField(serializers.EmailField):
    """An e-mail address, brought into its stored form."""

    def __init__(self, **options: Any) -> None:
        """Make the field.

        :param options: as for any field.
        """
        super().__init__(max_length=254, **options)

    def to_internal_value(self, data: Any) -> str:
        """Read the address.

        :param data: what was sent.
        :returns: the normalised address.
        :raises rest_framework.serializers.ValidationError: when it is no text.
        """
        return normalise_address(super().to_internal_value(data))


class RegistrationSerializer(serializers.ModelSerializer):
    """A registration. Whether somebody has the address is not checked here, nor ever told."""

    email = AddressField()
    password = serializers.CharField(write_only=True, trim_whitespace=False, max_length=128)

    class Meta:
        model = CustomUser
        fields: ClassVar = ["email", "password", "first_name", "last_name", "phone_number"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the password against the validators and the other values.

        :param attrs: the values so far.
        :returns: the same values.
        :raises rest_framework.serializers.ValidationError: when the password is too weak.
        """
        known = {name: value for name, value in attrs.items() if name != "password"}
        try:
            validate_password(attrs["password"], CustomUser(**known))
        except ValidationError as error:
            raise serializers.ValidationError({"password": error.messages}) from error
        return attrs


class AddressSerializer(serializers.Serializer):
    """An address alone."""

    email = AddressField()


class VerificationSerializer(AddressSerializer):
    """An address, and the code that was sent to it."""

    code = serializers.RegexField(
        r"\A[0-9]{4}\Z", error_messages={"invalid": "The code is four digits."}
    )


class RefreshSerializer(TokenRefreshSerializer):
    """A refresh token; one of an account that was deleted is refused like any other bad one."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """Check the token, and make an access token.

        :param attrs: the refresh token.
        :returns: the access token.
        :raises rest_framework_simplejwt.exceptions.TokenError: when the token is not good.
        :raises rest_framework_simplejwt.exceptions.AuthenticationFailed: when its user is gone or
            may not log in.
        """
        try:
            return super().validate(attrs)
        except CustomUser.DoesNotExist:
            raise AuthenticationFailed(
                self.error_messages["no_active_account"], "no_active_account"
            ) from None


class DetailSerializer(serializers.Serializer):
    """One sentence about what happened."""

    detail = serializers.CharField(read_only=True)


@extend_schema_serializer(component_name="Me")
class MeSerializer(serializers.ModelSerializer):
    """One's own account."""

    class Meta:
        model = CustomUser
        fields: ClassVar = [
            "id",
            "email",
            "first_name",
            "last_name",
            "phone_number",
            "record_visits",
            "date_joined",
        ]
        read_only_fields = ("id", "email", "date_joined")


class LoginSerializer(serializers.ModelSerializer):
    """A try to log in to one's account."""

    class Meta:
        model = LoginHistoryTrail
        fields: ClassVar = ["timestamp", "successful", "ip_address", "user_agent", "location"]
        read_only_fields = fields


class VisitSerializer(serializers.ModelSerializer):
    """A visit."""

    class Meta:
        model = UserVisitHistory
        fields: ClassVar = ["timestamp", "url", "referer", "user_agent"]
        read_only_fields = fields
