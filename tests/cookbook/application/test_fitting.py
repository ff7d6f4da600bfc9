"""An edit without a base goes in once, wherever it fits, and says when it does not."""

import pytest

from cookbook.application.fitting import fit
from cookbook.recipe.patch import PatchError, parse_patch


def make_patch(*hunks):
    return parse_patch(".env", "diff --git a/.env b/.env\n--- a/.env\n+++ b/.env\n" + "".join(hunks))


@pytest.mark.parametrize(
    ("hunk", "before", "after"),
    [
        ("@@ -1,2 +1,3 @@\n A=1\n+B=2\n C=3\n", "A=1\nC=3\n", "A=1\nB=2\nC=3\n"),
        ("@@ -1,1 +1,2 @@\n A=1\n+B=2\n", "X\nA=1\nC=3\n", "X\nA=1\nB=2\nC=3\n"),
        ("@@ -1,2 +1,1 @@\n A=1\n-B=2\n", "A=1\nB=2\n", "A=1\n"),
        ("@@ -1,1 +1,1 @@\n-A=1\n+A=2\n", "A=1\nB=2\n", "A=2\nB=2\n"),
        ("@@ -1,1 +0,0 @@\n-A=1\n", "A=1\nB=2\n", "B=2\n"),
    ],
)
def test_it_goes_in_once(hunk, before, after):
    assert fit(before, make_patch(hunk)) == after
    assert fit(after, make_patch(hunk)) == after


def test_hunks_that_are_in_already_are_passed_over():
    one, two = "@@ -1,1 +1,1 @@\n-A=1\n+A=2\n", "@@ -3,1 +3,1 @@\n-C=1\n+C=2\n"
    assert fit("A=2\nB=1\nC=1\n", make_patch(one, two)) == "A=2\nB=1\nC=2\n"


def test_what_fits_nowhere_is_told():
    with pytest.raises(PatchError, match=r"does not apply to \.env"):
        fit("Z=1\n", make_patch("@@ -1,1 +1,1 @@\n-A=1\n+A=2\n"))
