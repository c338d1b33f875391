"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diguan.site.settings")
application = get_wsgi_application()
# A page builds thousands of small objects and drops them. Looking for garbage among all that is loaded, at every tenth
# page, made that page wait 100 ms: what is loaded now is never garbage, and the rest is looked through less often.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 10, 10)
