"""The installation's own settings, in a home directory that lasts as long as the test run."""

import os
import tempfile

os.environ["KOERSVAST_HOME"] = tempfile.mkdtemp(prefix="koersvast-tests-")

from koersvast.project.settings import *  # noqa: F403, TID251 the tests run on the real settings
