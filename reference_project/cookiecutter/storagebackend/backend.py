"""Private storages for uploaded files: a bucket on S3, or a folder of this machine."""

import logging
import os
from pathlib import Path
from typing import IO, Any, NoReturn

from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

logger = logging.getLogger(__name__)

# How many names are tried before an upload is given up.
MAX_NAMES = 10
US_EAST = {"us-east-1", "aws-global", None}
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}


@deconstructible
class CustomS3Storage(S3Storage):
    """Keeps files in a bucket: private, never overwritten, checked by the server as they arrive.

    Links carry a signature and expire. Django-storages describes all options; one is added:
    ``create_bucket`` makes the bucket, in the configured region, before the first upload.
    """

    # A file belongs to the bucket's owner, and nobody else may read it without a signed link.
    default_acl = None
    querystring_auth = True
    signature_version = "s3v4"
    file_overwrite = False

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._is_ensured = not self.create_bucket
        self._prober: Any = None
        self.client_config = self.client_config.merge(  # type: ignore[has-type]
            Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": 4},
            )
        )

    def get_default_settings(self) -> dict[str, Any]:
        """List the options and their defaults.

        :returns: those of django-storages, and ``create_bucket``.
        """
        return {
            **super().get_default_settings(),
            "create_bucket": False,
            # Opened from its link, a file is saved, never shown: it may be a page with a script.
            # The server computes the checksum too and refuses what arrives damaged.
            "object_parameters": {
                "ContentDisposition": "attachment",
                "ChecksumAlgorithm": "SHA256",
            },
        }

    @property
    def connection(self) -> Any:
        """The connection of this thread; it never writes over an object.

        :returns: boto3's resource.
        """
        is_new = getattr(self._connections, "connection", None) is None
        connection = super().connection
        if is_new and not self.file_overwrite:
            # Between asking whether a name is free and taking it, another process may have it.
            for operation in ("PutObject", "CompleteMultipartUpload"):
                connection.meta.client.meta.events.register(
                    f"provide-client-params.s3.{operation}", _demand_new_name
                )
        return connection

    def ensure_bucket(self) -> bool:
        """Make the bucket, in the configured region, unless it is there.

        :returns: whether it was made.
        :raises botocore.exceptions.ClientError: when it belongs to somebody else, or these
            credentials may not make it.
        """
        client = self.connection.meta.client
        try:
            client.head_bucket(Bucket=self.bucket_name)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
        else:
            return False
        region = client.meta.region_name
        # The one region that may not be named.
        place = {} if region in US_EAST else {"LocationConstraint": region}
        options = {"CreateBucketConfiguration": place} if place else {}
        try:
            client.create_bucket(Bucket=self.bucket_name, **options)
        except client.exceptions.BucketAlreadyOwnedByYou:
            # Another process was quicker.
            return False
        logger.info("made the bucket %s in %s", self.bucket_name, region)
        return True

    def ping(self) -> None:
        """Ask for the bucket, once and not for long.

        :raises botocore.exceptions.BotoCoreError: when the server does not answer.
        :raises botocore.exceptions.ClientError: when there is no such bucket, or these credentials
            may not see it.
        """
        if self._prober is None:
            patience = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 1})
            self._prober = self._create_session().client(
                "s3",
                region_name=self.region_name,
                use_ssl=self.use_ssl,
                endpoint_url=self.endpoint_url,
                config=self.client_config.merge(patience),
                verify=self.verify,
            )
        self._prober.head_bucket(Bucket=self.bucket_name)

    def _save(self, name: str, content: IO[Any]) -> str:
        if not self._is_ensured:
            self.ensure_bucket()
            self._is_ensured = True
        for _ in range(MAX_NAMES):
            try:
                return str(super()._save(name, content))
            except ClientError as error:
                if error.response["Error"]["Code"] not in TAKEN:
                    raise
            name = self.get_available_name(name)
        raise OSError(f"No free name was found for {name} within {MAX_NAMES} tries.")


def _demand_new_name(params: dict[str, Any], **_event: Any) -> dict[str, Any]:
    return {"IfNoneMatch": "*", **params}


@deconstructible
class PrivateFileStorage(FileSystemStorage):
    """Keeps files in ``MEDIA_ROOT``, which no URL leads to; views hand them out."""

    def __init__(self, **options: Any) -> None:
        # Nobody but the server's user and group; the umask may only take more away.
        options.setdefault("file_permissions_mode", 0o640)
        options.setdefault("directory_permissions_mode", 0o750)
        super().__init__(**options)

    def ping(self) -> None:
        """Look whether the folder, or the one that it will be made in, may be written to.

        :raises OSError: when it may not.
        """
        folder = Path(self.location)
        while not folder.exists():
            folder = folder.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OSError(f"{folder} may not be written to.")

    def url(self, name: str | None) -> NoReturn:
        """Refuse: there is no URL.

        :param name: the file's name.
        :raises ValueError: always.
        """
        raise ValueError(f"{name} is private: no URL leads to it. A view must hand it out.")
