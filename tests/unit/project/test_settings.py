"""Settings that could leak or lose data are refused when the process starts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from koersvast.connectors.sealed import SealedStore
from koersvast.project import checks

ROOT = Path(__file__).parent.parent.parent.parent
LONG = "k" * 60


def start(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "KOERSVAST_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "koersvast.project.settings",
        **variables,
    }
    command = [sys.executable, "-c", "import django; django.setup()"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)


def test_empty_environment_starts_on_loopback_with_a_key_of_its_own(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0
    key = tmp_path / "secret-key"
    assert len(key.read_text()) >= 50
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"KOERSVAST_SECRET_KEY": "short"}, "KOERSVAST_SECRET_KEY"),
        ({"KOERSVAST_HOSTS": "*"}, "wildcard"),
        ({"KOERSVAST_HOSTS": ".example.nl"}, "wildcard"),
        ({"KOERSVAST_ORIGINS": "http://veiligheid.example.nl"}, "https"),
        ({"KOERSVAST_DEBUG": "1", "KOERSVAST_HOSTS": "veiligheid.example.nl"}, "KOERSVAST_DEBUG"),
        ({"KOERSVAST_DEBUG": "perhaps"}, "KOERSVAST_DEBUG"),
        ({"KOERSVAST_PROXY": "proxy.example:8080"}, "KOERSVAST_PROXY"),
        ({"KOERSVAST_PROXY": "http://proxy.example:eighty"}, "KOERSVAST_PROXY"),
        ({"KOERSVAST_PROXY": "socks5://proxy.example:1080"}, "KOERSVAST_PROXY"),
        ({"KOERSVAST_PROXY": "http://proxy.example/page"}, "KOERSVAST_PROXY"),
        ({"KOERSVAST_MAIL_URL": "mail.example:25"}, "KOERSVAST_MAIL_URL"),
        ({"KOERSVAST_MAIL_URL": "smtp://mail.example?tls=none"}, "KOERSVAST_MAIL_URL"),
        ({"KOERSVAST_MAIL_URL": "smtp://mail.example"}, "KOERSVAST_ADDRESS"),
        ({"KOERSVAST_ADDRESS": "http://koersvast.example"}, "KOERSVAST_ADDRESS"),
        (
            {"KOERSVAST_MAIL_URL": "smtp://mail.example", "KOERSVAST_ADDRESS": "https://koersvast.example"},
            "KOERSVAST_MAIL_FROM",
        ),
        ({"DATABASE_URL": "mysql://root@localhost/x"}, "DATABASE_URL"),
        ({"KOERSVAST_MICRODATA_KEY": "ab" * 31}, "KOERSVAST_MICRODATA_KEY"),
        ({"KOERSVAST_MICRODATA_KEY": "zz" * 32}, "KOERSVAST_MICRODATA_KEY"),
        ({"KOERSVAST_MICRODATA_KEY_FILE": "/no/such/file"}, "KOERSVAST_MICRODATA_KEY_FILE"),
        ({"KOERSVAST_MICRODATA_EARLIER_KEY": "ab"}, "KOERSVAST_MICRODATA_EARLIER_KEY"),
    ],
)
def test_unsafe_setting_is_refused_by_name(tmp_path: Path, variables: dict[str, str], word: str) -> None:
    result = start(tmp_path, **{"KOERSVAST_SECRET_KEY": LONG, **variables})
    assert result.returncode != 0
    assert "UnsafeSettings" in result.stderr
    assert word in result.stderr


def test_key_of_the_microdata_is_made_once_for_its_owner_only_and_never_repeated(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0
    key = tmp_path / "microdata-key"
    made = key.read_text()
    assert len(bytes.fromhex(made)) == 32
    assert key.stat().st_mode & 0o077 == 0
    assert start(tmp_path).returncode == 0
    assert key.read_text() == made
    refused = start(tmp_path, KOERSVAST_MICRODATA_KEY="c0ffee" * 9)
    assert refused.returncode != 0
    assert "c0ffee" not in refused.stderr


def test_key_that_does_not_open_what_was_sealed_is_an_error_at_the_start(tmp_path: Path, settings: Any) -> None:
    settings.MICRODATA, settings.MICRODATA_KEY = tmp_path / "microdata", bytes(32)
    SealedStore(settings.MICRODATA, settings.MICRODATA_KEY).seal(b"answers", context="wave")
    assert list(checks.microdata_can_be_opened()) == []
    settings.MICRODATA_KEY = bytes(31) + b"1"
    assert [found.id for found in run_checks(tags=[Tags.security]) if found.id == "koersvast.E004"] == [
        "koersvast.E004"
    ]
    settings.MICRODATA_EARLIER_KEYS = [bytes(32)]
    assert list(checks.microdata_can_be_opened()) == []


def test_proxy_is_taken_as_given_and_its_password_is_never_repeated(tmp_path: Path) -> None:
    given = {"KOERSVAST_SECRET_KEY": LONG}
    assert start(tmp_path, **given, KOERSVAST_PROXY="http://kv:secret@proxy.example:8080/").returncode == 0
    refused = start(tmp_path, **given, KOERSVAST_PROXY="http://kv:secret@proxy.example:80x").stderr
    assert "UnsafeSettings: KOERSVAST_PROXY" in refused
    assert "secret@" not in refused


def test_demo_is_refused_on_a_public_host(tmp_path: Path) -> None:
    (tmp_path / "demo").touch()
    assert start(tmp_path).returncode == 0
    assert "UnsafeSettings" in start(tmp_path, KOERSVAST_HOSTS="veiligheid.example.nl").stderr


def test_options_of_the_database_address_are_kept(tmp_path: Path) -> None:
    given = "postgresql://koersvast:geheim@db.example/koersvast?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    asked = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "KOERSVAST_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "koersvast.project.settings", "DATABASE_URL": given,
    }  # fmt: skip
    said = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "{'sslmode': 'verify-full', 'sslrootcert': '/etc/ca.pem'}"


def test_secret_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(LONG + "\n")
    assert start(tmp_path, KOERSVAST_SECRET_KEY_FILE=str(tmp_path / "key")).returncode == 0
    assert not (tmp_path / "secret-key").exists()


@pytest.mark.django_db
def test_database_of_this_run_is_opened_safely() -> None:
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


@pytest.mark.django_db
def test_missing_guard_of_the_audit_is_found() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER keep_access_auditrecord_update")
            cursor.execute("DROP TRIGGER keep_access_auditrecord_delete")
        else:
            cursor.execute("ALTER TABLE access_auditrecord DISABLE TRIGGER keep_access_auditrecord")
    assert [message.id for message in checks.triggers_are_laid(databases=["default"])] == ["koersvast.E003"]


@pytest.mark.django_db
def test_sqlite_opened_without_its_settings_is_refused(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if vendor != "sqlite":
        pytest.skip("SQLite only")
    monkeypatch.setitem(checks.SQLITE_MUST, "secure_delete", 0)
    assert [message.id for message in checks.database_is_safe(databases=["default"])] == ["koersvast.E001"]
