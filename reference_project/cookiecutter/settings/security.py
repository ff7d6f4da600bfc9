"""What pages may load and do: the policies that every answer carries, in development too."""

from csp.constants import NONCE, NONE, SELF

DIRECTIVES = {
    "default-src": [SELF],
    # A nonce is in the header only where a template asked for `request.csp_nonce`.
    "script-src": [SELF, NONCE],
    "style-src": [SELF],
    # Swagger UI and the admin site have small pictures inside their style sheets.
    "img-src": [SELF, "data:"],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}

# Nothing here asks for any of these, so neither may a script that got in.
FORBIDDEN_FEATURES = [
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
]
