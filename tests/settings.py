"""The installation's own settings, in a home directory that lasts as long as the test run."""

import os
import tempfile

os.environ["KOERSVAST_HOME"] = tempfile.mkdtemp(prefix="koersvast-tests-")

from koersvast.project.settings import *  # noqa: F403, TID251 the tests run on the real settings

# A test does not wait for a worker: what is put in the queue happens at once.
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
