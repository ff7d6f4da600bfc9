"""The models of people: who they are, the codes that show it, and what they did."""

from apps.accounts.managers import CustomUserManager
from apps.accounts.models.activity import (
    ExtraData,
    LoginAttemptsHistory,
    LoginHistoryTrail,
    UserVisitHistory,
)
from apps.accounts.models.otp import OTP, CodeLimitReached
from apps.accounts.models.user import CustomUser

__all__ = [
    "OTP",
    "CodeLimitReached",
    "CustomUser",
    "CustomUserManager",
    "ExtraData",
    "LoginAttemptsHistory",
    "LoginHistoryTrail",
    "UserVisitHistory",
]
