"""Uploaded files are private wherever they lie; static files get names that change with them."""

import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command

from cookiecutter.settings.storage import read_media_root, read_storages
from cookiecutter.storagebackend.backend import CustomS3Storage, PrivateFileStorage

OPTIONS: dict[str, Any] = {
    "bucket_name": "files",
    "region_name": "eu-central-1",
    "endpoint_url": "http://127.0.0.1:1",
    "access_key": "key",
    "secret_key": "secret",
    "create_bucket": True,
}


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """One session for all clients: it reads the description of S3 only once."""
    return boto3.Session("key", "secret")


@pytest.fixture(autouse=True)
def _one_session(monkeypatch: pytest.MonkeyPatch, session: boto3.Session) -> None:
    monkeypatch.setattr(CustomS3Storage, "_create_session", lambda self: session)


@pytest.fixture
def file_storage(tmp_path: Path) -> PrivateFileStorage:
    """A storage in a folder that is not there yet."""
    return PrivateFileStorage(location=tmp_path / "media")


def test_local_file_is_found_under_the_returned_name(file_storage: PrivateFileStorage) -> None:
    names = [file_storage.save("a/b.txt", ContentFile(text)) for text in (b"one", b"two")]
    assert len(set(names)) == 2
    for name, text in zip(names, (b"one", b"two"), strict=True):
        with file_storage.open(name) as file:
            assert file.read() == text


def test_no_url_leads_to_a_local_file(file_storage: PrivateFileStorage) -> None:
    name = file_storage.save("a.txt", ContentFile(b"one"))
    with pytest.raises(ValueError, match="private"):
        file_storage.url(name)


def test_strangers_on_this_machine_may_not_read_a_local_file(
    file_storage: PrivateFileStorage,
) -> None:
    path = Path(file_storage.path(file_storage.save("a/b.txt", ContentFile(b"one"))))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) & stat.S_IRWXO == 0


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt"])
def test_name_cannot_lead_out_of_the_folder(file_storage: PrivateFileStorage, name: str) -> None:
    from django.core.exceptions import SuspiciousFileOperation

    with pytest.raises(SuspiciousFileOperation):
        file_storage.save(name, ContentFile(b"one"))


def test_without_a_bucket_files_lie_beside_manage_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_STORAGE_BUCKET_NAME", "")
    monkeypatch.setenv("MEDIA_ROOT", "")
    assert read_storages()["default"] == {
        "BACKEND": "cookiecutter.storagebackend.backend.PrivateFileStorage"
    }
    assert read_media_root().endswith("/media")
    monkeypatch.setenv("MEDIA_ROOT", "/srv/files")
    assert read_media_root() == "/srv/files"


def test_with_a_bucket_its_options_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "AWS_STORAGE_BUCKET_NAME": "files",
        "AWS_S3_REGION_NAME": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://s3:8333",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "",
        "S3_LINK_SECONDS": "60",
        "S3_CREATE_BUCKET": "true",
    }.items():
        monkeypatch.setenv(name, value)
    storage = storages.create_storage(read_storages()["default"])
    assert isinstance(storage, CustomS3Storage)
    assert (storage.bucket_name, storage.region_name) == ("files", "eu-central-1")
    assert storage.connection.meta.client.meta.endpoint_url == "http://s3:8333"
    assert storage.querystring_expire == 60
    assert storage.create_bucket
    link = storage.url("a.txt")
    assert link.startswith("http://s3:8333/files/a.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256")
    assert "X-Amz-Expires=60" in link
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    amazon = storages.create_storage(read_storages()["default"])
    assert amazon.url("a.txt").startswith("https://files.s3.")


def test_bucket_is_private_and_nothing_is_overwritten() -> None:
    storage = CustomS3Storage(**OPTIONS)
    assert storage.default_acl is None
    assert storage.querystring_auth
    assert not storage.file_overwrite
    assert storage.get_object_parameters("a.html")["ContentDisposition"] == "attachment"


@pytest.mark.parametrize(
    ("region", "configuration"),
    [
        ("eu-central-1", {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}),
        ("us-east-1", {}),
    ],
)
def test_bucket_is_made_in_its_region(region: str, configuration: dict[str, Any]) -> None:
    storage = CustomS3Storage(**{**OPTIONS, "region_name": region})
    with Stubber(storage.connection.meta.client) as stubber:
        stubber.add_client_error("head_bucket", "404", http_status_code=404)
        stubber.add_response("create_bucket", {}, {"Bucket": "files", **configuration})
        for name in ("a.txt", "b.txt"):
            # Before the second one nothing is asked again.
            stubber.add_response("put_object", {})
            assert storage._save(name, ContentFile(b"one")) == name
        stubber.assert_no_pending_responses()


def test_bucket_that_another_process_made_meanwhile_is_used() -> None:
    storage = CustomS3Storage(**OPTIONS)
    with Stubber(storage.connection.meta.client) as stubber:
        stubber.add_client_error("head_bucket", "404", http_status_code=404)
        stubber.add_client_error("create_bucket", "BucketAlreadyOwnedByYou", http_status_code=409)
        assert storage.ensure_bucket() is False


@pytest.mark.parametrize("status", [301, 403])
def test_bucket_of_somebody_else_is_an_error(status: int) -> None:
    storage = CustomS3Storage(**OPTIONS)
    with Stubber(storage.connection.meta.client) as stubber:
        stubber.add_client_error("head_bucket", str(status), http_status_code=status)
        with pytest.raises(ClientError):
            storage.ensure_bucket()


def test_bucket_is_not_asked_for_unless_that_is_wanted() -> None:
    storage = CustomS3Storage(**{**OPTIONS, "create_bucket": False})
    with Stubber(storage.connection.meta.client) as stubber:
        stubber.add_response("put_object", {})
        assert storage._save("a.txt", ContentFile(b"one")) == "a.txt"


def test_upload_that_meets_a_taken_name_takes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = CustomS3Storage(**{**OPTIONS, "create_bucket": False})
    monkeypatch.setattr(storage, "exists", lambda name: name == "a.txt")
    with Stubber(storage.connection.meta.client) as stubber:
        stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        stubber.add_response("put_object", {})
        name = storage._save("a.txt", ContentFile(b"one"))
        stubber.assert_no_pending_responses()
    assert name != "a.txt"
    assert name.startswith("a_")


def test_upload_that_fails_otherwise_fails_at_once() -> None:
    storage = CustomS3Storage(**{**OPTIONS, "create_bucket": False})
    with Stubber(storage.connection.meta.client) as stubber:
        stubber.add_client_error("put_object", "AccessDenied", http_status_code=403)
        with pytest.raises(ClientError, match="AccessDenied"):
            storage._save("a.txt", ContentFile(b"one"))


def test_upload_gives_up_when_every_name_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = CustomS3Storage(**{**OPTIONS, "create_bucket": False})
    monkeypatch.setattr(storage, "exists", lambda name: False)
    with Stubber(storage.connection.meta.client) as stubber:
        for _ in range(10):
            stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        with pytest.raises(OSError, match="No free name was found"):
            storage._save("a.txt", ContentFile(b"one"))


def test_static_files_of_all_applications_refer_only_to_each_other(
    settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    # It fails at the first reference to a file that no application has.
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").is_file()
    assert list(tmp_path.glob("admin/css/base.*.css"))


def test_bucket_is_asked_for_once_and_not_for_long() -> None:
    storage = CustomS3Storage(**OPTIONS)
    # Nothing listens there.
    with pytest.raises(EndpointConnectionError):
        storage.ping()
    config = storage._prober.meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 3)
    assert config.retries["total_max_attempts"] == 1
