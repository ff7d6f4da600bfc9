"""What the accounts API accepts and shows; privileged fields are in none of these."""

from typing import Any, ClassVar

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated

from apps.accounts.fields import normalise_address
from apps.accounts.models import CustomUser, LoginHistoryTrail, UserVisitHistory
from apps.core.saving import SavesWhatWasSent


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


class PasswordField(serializers.CharField):
    """A password, as it was typed."""

    def __init__(self, **options: Any) -> None:
        """Make the field.

        :param options: as for any field.
        """
        super().__init__(write_only=True, trim_whitespace=False, max_length=128, **options)


def check_password(password: str, user: CustomUser, field: str) -> None:
    """Check a new password against the validators, and against what is known of its user.

    :param password: the password.
    :param user: whose it is to be; not necessarily saved.
    :param field: which field an error is about.
    :raises rest_framework.serializers.ValidationError: when the password is too weak.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise serializers.ValidationError({field: error.messages}) from error


class RegistrationSerializer(serializers.ModelSerializer):
    """A registration. Whether somebody has the address is not checked here, nor ever told."""

    email = AddressField()
    password = PasswordField()

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
        check_password(attrs["password"], CustomUser(**known), "password")
        return attrs


class AddressSerializer(serializers.Serializer):
    """An address alone."""

    email = AddressField()


class VerificationSerializer(AddressSerializer):
    """An address, and the code that was sent to it."""

    code = serializers.RegexField(
        r"\A[0-9]{4}\Z", error_messages={"invalid": "The code is four digits."}
    )
    password = PasswordField(
        required=False,
        help_text="The password that you registered with. It is needed when the address was "
        "registered more than once, be it by somebody else; best send it always.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the password, if there is one, as when it is set.

        :param attrs: the values so far.
        :returns: the same values.
        :raises rest_framework.serializers.ValidationError: when the password is too weak.
        """
        if "password" in attrs:
            check_password(attrs["password"], CustomUser(email=attrs["email"]), "password")
        return attrs


class DetailSerializer(serializers.Serializer):
    """One sentence about what happened."""

    detail = serializers.CharField(read_only=True)


@extend_schema_serializer(component_name="Me")
class MeSerializer(SavesWhatWasSent, serializers.ModelSerializer):
    """One's own account; who is not there any more is not logged in."""

    gone = NotAuthenticated

    # A text and no address: it may be empty.
    pending_email = serializers.CharField(
        read_only=True, help_text="The address that is to replace it, until that is confirmed."
    )

    class Meta:
        model = CustomUser
        fields: ClassVar = [
            "id",
            "email",
            "first_name",
            "last_name",
            "phone_number",
            "record_visits",
            "pending_email",
            "date_joined",
        ]
        read_only_fields = ("id", "email", "pending_email", "date_joined")


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


class ConfirmedSerializer(serializers.Serializer):
    """Something that takes one's password, although one is logged in."""

    password = PasswordField(help_text="The present password.")

    def validate_password(self, password: str) -> str:
        """Check the present password.

        :param password: what was sent.
        :returns: the same.
        :raises rest_framework.serializers.ValidationError: when it is another.
        """
        if not self.context["request"].user.check_password(password):
            raise serializers.ValidationError("This is not your password.", "wrong_password")
        return password


class PasswordChangeSerializer(ConfirmedSerializer):
    """The present password, and the one to come."""

    new_password = PasswordField(help_text="The password to come.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the new password.

        :param attrs: the values so far.
        :returns: the same values.
        :raises rest_framework.serializers.ValidationError: when the password is too weak.
        """
        check_password(attrs["new_password"], self.context["request"].user, "new_password")
        return attrs


class AddressChangeSerializer(ConfirmedSerializer):
    """The present password, and the address to come."""

    email = AddressField(help_text="The address to come.")


class MailedTokenSerializer(serializers.Serializer):
    """A token that was sent by mail."""

    token = serializers.CharField(write_only=True, max_length=500)


class PasswordResetSerializer(MailedTokenSerializer):
    """A token that was sent by mail, and the password to come."""

    password = PasswordField(help_text="The password to come.")


class TokenPairSerializer(serializers.Serializer):
    """A pair of tokens."""

    access = serializers.CharField(read_only=True, help_text="Opens the API.")
    refresh = serializers.CharField(read_only=True, help_text="Is exchanged for fresh ones.")
