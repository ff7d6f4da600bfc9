"""The reference project's files on an S3 server that checks signatures, times, checksums and conditions."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from cookbook.runner.namespace import Namespace
from cookbook.runner.services import find, read_needs, start
from cookbook.runner.services.seaweedfs import ACCESS_KEY, SECRET_KEY

from .conftest import REPOSITORY, give_up

SECONDS = 120

# Runs in the project, under its settings; what it finds out is judged by the tests below.
PROGRAM = """
import hashlib, json, os, threading, time, urllib.error, urllib.request

import django

django.setup()

from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

OPTIONS = settings.STORAGES["default"]["OPTIONS"]
found = {}


def make(**options):
    return storages.create_storage({**settings.STORAGES["default"], "OPTIONS": {**OPTIONS, **options}})


def fetch(link):
    try:
        with urllib.request.urlopen(link) as answer:
            return [answer.status, answer.read().decode(), dict(answer.headers)]
    except urllib.error.HTTPError as error:
        return [error.code, error.read().decode(), {}]


def attempt(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except ClientError as error:
        return [error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]]
    return [200, ""]


client = default_storage.connection.meta.client
found["backend"] = type(default_storage._wrapped).__name__
found["without the bucket"] = attempt(make(create_bucket=False).save, "a.txt", ContentFile(b"a"))
found["made"] = [default_storage.ensure_bucket(), default_storage.ensure_bucket()]
found["buckets"] = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]

names = [default_storage.save("notes/a.txt", ContentFile(text)) for text in (b"first", b"second")]
found["names"] = names
found["contents"] = [default_storage.open(name).read().decode() for name in names]
found["exists"] = [default_storage.exists(name) for name in [*names, "notes/b.txt"]]
found["listed"] = sorted(default_storage.listdir("notes")[1])

barrier = threading.Barrier(6)
raced = {}


def race(number):
    barrier.wait()
    content = f"writer {number}"
    # Past the question whether the name is free, which all six would be told.
    name = default_storage._save("race.txt", ContentFile(content.encode()))
    raced[name] = content


threads = [threading.Thread(target=race, args=(number,)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
found["raced"] = [len(raced), all(default_storage.open(name).read().decode() == text for name, text in raced.items())]

big = os.urandom(20 * 1024 * 1024)
name = default_storage.save("big.bin", ContentFile(big))
with default_storage.open(name) as stored:
    found["big"] = [hashlib.sha256(stored.read()).hexdigest(), hashlib.sha256(big).hexdigest()]
head = client.head_object(Bucket=OPTIONS["bucket_name"], Key=name, ChecksumMode="ENABLED")
found["big parts"] = [head["ETag"], head["ContentLength"], head["ChecksumSHA256"]]
again = default_storage._save("big.bin", ContentFile(b"x" * len(big)))
with default_storage.open(name) as stored:
    found["big kept"] = [again != name, hashlib.sha256(stored.read()).hexdigest()]

damaged = {"Bucket": OPTIONS["bucket_name"], "Key": "damaged", "Body": b"abc", "ChecksumSHA256": "A" * 43 + "="}
found["damaged"] = [attempt(client.put_object, **damaged), default_storage.exists("damaged")]

link = default_storage.url(names[0])
found["link"] = fetch(link)
found["unsigned"] = fetch(link.partition("?")[0])
found["tampered"] = fetch(link.replace("a.txt", names[1].rpartition("/")[2]))
short = default_storage.url(names[0], expire=1)
limit = time.monotonic() + 30
while (answer := fetch(short))[0] == 200 and time.monotonic() < limit:
    time.sleep(0.2)
found["expired"] = answer

wrong = make(secret_key="not-the-secret", create_bucket=False)
found["wrong secret"] = [
    attempt(wrong.save, "w.txt", ContentFile(b"w")),
    attempt(wrong.bucket.Object(names[0]).get),
    attempt(wrong.delete, names[0]),
]
found["after the wrong secret"] = [default_storage.exists("w.txt"), default_storage.exists(names[0])]
default_storage.delete(names[0])
found["deleted"] = default_storage.exists(names[0])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What the program found out, in a copy of the project with a server of its own."""
    possible, reason = Namespace.available()
    if not possible:
        give_up(reason)
    need = read_needs(REPOSITORY.conf)["s3"]
    if (provision := find(need)).source == "missing":
        give_up(f"{need.label} is missing: {provision.reason} Install it: {provision.install}")
    namespace = Namespace.create()
    folder = tmp_path_factory.mktemp("s3")
    server = start(need, namespace, folder, folder)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DJANGO_SETTINGS_MODULE": "cookiecutter.settings.development",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
        "AWS_STORAGE_BUCKET_NAME": "project-files",
        "AWS_S3_REGION_NAME": "eu-central-1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "S3_CREATE_BUCKET": "true",
        "LOG_LEVEL": "ERROR",
    }
    try:
        done = subprocess.run(
            namespace.command([str(installed / ".venv" / "bin" / "python"), "-c", PROGRAM]),
            cwd=installed,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    finally:
        server.stop()
        namespace.close()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_environment_chooses_the_bucket(found):
    assert found["backend"] == "CustomS3Storage"


def test_bucket_is_made_once_and_only_when_asked(found):
    assert found["without the bucket"] == [404, "NoSuchBucket"]
    assert found["made"] == [True, False]
    assert found["buckets"] == ["project-files"]


def test_returned_name_leads_to_what_was_saved(found):
    first, second = found["names"]
    assert first == "notes/a.txt" != second
    assert found["contents"] == ["first", "second"]
    assert found["exists"] == [True, True, False]
    assert found["listed"] == sorted(name.removeprefix("notes/") for name in found["names"])


def test_six_writers_of_one_name_get_six_files(found):
    assert found["raced"] == [6, True]


def test_big_file_arrives_in_parts_and_intact(found):
    stored, sent = found["big"]
    assert stored == sent
    etag, length, checksum = found["big parts"]
    # A number after a dash: how many parts the server put together.
    assert etag.strip('"').endswith("-3") and checksum.endswith("-3")
    assert length == 20 * 1024 * 1024


def test_big_file_is_not_written_over(found):
    renamed, stored = found["big kept"]
    assert renamed
    assert stored == found["big"][1]


def test_damaged_upload_is_refused(found):
    (status, code), exists = found["damaged"]
    assert (status, code) == (400, "BadDigest")
    assert not exists


def test_link_opens_the_file_for_saving(found):
    status, text, headers = found["link"]
    assert (status, text) == (200, "first")
    assert headers["Content-Disposition"] == "attachment"


@pytest.mark.parametrize(
    ("link", "reason"),
    [("unsigned", "AccessDenied"), ("tampered", "SignatureDoesNotMatch"), ("expired", "Request has expired")],
)
def test_link_without_a_valid_signature_is_refused(found, link, reason):
    status, text, _ = found[link]
    assert status == 403
    assert reason in text
    assert "first" not in text and "second" not in text


def test_wrong_secret_reads_writes_and_deletes_nothing(found):
    assert [status for status, _ in found["wrong secret"]] == [403, 403, 403]
    assert found["after the wrong secret"] == [False, True]


def test_deleted_file_is_gone(found):
    assert found["deleted"] is False
