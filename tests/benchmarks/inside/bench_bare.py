"""The same view in nothing but DRF: no middleware, no throttles, no visits."""

from bench_settings import *

MIDDLEWARE = []
ROOT_URLCONF = "benchmarked.urls"
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
