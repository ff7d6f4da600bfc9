"""The models of people: who they are, and the codes that show it."""

from apps.accounts.managers import CustomUserManager
from apps.accounts.models.otp import OTP, CodeLimitReached
from apps.accounts.models.user import CustomUser

__all__ = ["OTP", "CodeLimitReached", "CustomUser", "CustomUserManager"]
