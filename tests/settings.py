"""The installation's own settings, in a data folder of their own and on the demo's day.

Whoever runs the tests never touches the county's data: the folder is made here, before the settings read it.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="diguan-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["DIGUAN_DATA"] = _folder
os.environ["DIGUAN_TODAY"] = "2026-10-31"
os.environ.pop("DIGUAN_DEMO", None)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs an event loop in the thread of the test

from diguan.site.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the real one is tested by name
