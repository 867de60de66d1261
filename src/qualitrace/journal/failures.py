"""What the database says when it fails, in words a person can act on (floor 0)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from qualitrace.errors import ConflictError, RegistryError, not_text
from qualitrace.text import Text

# What reading a damaged database raises: SQLite's complaint may itself not be text.
UNREADABLE = (sa.exc.DBAPIError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class _Failure:
    """A kind of failure: how the drivers tell it, and what to say."""

    codes: tuple[str, ...]  # beginnings of an SQLSTATE or of SQLite's name of the error
    words: str  # a regular expression for what comes without a code: libpq's refusals of a connection
    what: Text
    hint: Text


_FAILURES = (
    _Failure(
        ("28P01",),
        "password authentication failed|no password supplied|fe_sendauth",
        Text(zh="数据库不接受这个用户名或密码。", en="The database refuses this user name or password."),
        Text(
            zh="请核对地址中的用户名和密码,或设置 PGPASSWORD、~/.pgpass。",
            en="Check user and password in the address, or set PGPASSWORD or ~/.pgpass.",
        ),
    ),
    _Failure(
        ("28",),
        'role ".*" does not exist|no pg_hba.conf entry|authentication failed',
        Text(zh="数据库不允许这个用户连接。", en="The database does not let this user connect."),
        Text(zh="请核对用户名,或请数据库管理员开通。", en="Check the user, or ask the administrator."),
    ),
    _Failure(
        ("3D000",),
        'database ".*" does not exist',
        Text(zh="没有这个数据库。", en="There is no such database."),
        Text(
            zh="请先建立数据库(createdb),或核对地址中的名称。",
            en="Make it first (createdb), or check its name in the address.",
        ),
    ),
    _Failure(
        ("53100", "SQLITE_FULL"),
        "No space left on device|File too large",
        Text(zh="磁盘已满,没有写入任何内容。", en="The disk is full; nothing was written."),
        Text(zh="请腾出空间后重试。", en="Free some space, then try again."),
    ),
    _Failure(
        ("55P03", "SQLITE_BUSY", "SQLITE_LOCKED"),
        "",
        Text(zh="登记库正被另一个程序写入。", en="Another program is writing to the registry."),
        Text(zh="请稍候重试。", en="Try again in a moment."),
    ),
    _Failure(
        ("42501", "25006", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN"),
        "",
        Text(zh="没有权限读写登记库。", en="The registry may not be read or written here."),
        Text(
            zh="请检查文件和所在文件夹的权限(两者都要可写)。",
            en="Check the rights on the file and on its folder (both must be writable).",
        ),
    ),
    _Failure(
        ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"),
        "",
        Text(zh="登记库文件已损坏。", en="The registry is damaged."),
        Text(
            zh="请运行 qualitrace verify 查明位置,并用备份恢复。",
            en="Run qualitrace verify to see where, and restore a backup.",
        ),
    ),
    _Failure(
        ("SQLITE_IOERR",),
        "",
        Text(
            zh="磁盘不接受读写,没有写入任何内容。",
            en="The disk refuses to be read or written; nothing was written.",
        ),
        Text(zh="请检查磁盘空间和磁盘状态。", en="Check free space and the disk."),
    ),
    _Failure(
        ("08", "57P", "53300"),
        "connection refused|could not connect|could not translate|could not receive|is starting up|"
        "is shutting down|server closed the connection|connection failed|connection timeout|"
        "timeout expired|connection is closed|connection is lost|consuming input failed|"
        "terminating connection|too many clients|not known|No such file or directory",
        Text(zh="连接不上数据库服务。", en="The database server cannot be reached."),
        Text(
            zh="请检查服务是否运行,以及地址中的主机和端口。",
            en="Check that it runs, and host and port in the address.",
        ),
    ),
)
_OTHER = _Failure(
    (),
    "",
    Text(zh="登记库无法读写。", en="The registry cannot be read or written."),
    Text(
        zh="请检查文件权限、磁盘空间和数据库服务。",
        en="Check permissions, free space and the database server.",
    ),
)


def shown(url: sa.URL) -> str:
    """Return a database's address as it may be shown: a file's path, or an address without password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    hidden = {key: "***" if "pass" in key.lower() else value for key, value in url.query.items()}
    text = url.set(drivername=url.get_backend_name(), query=hidden).render_as_string(hide_password=True)
    return text.replace("%2A%2A%2A", "***")


@contextmanager
def translated(engine: sa.Engine) -> Iterator[None]:
    """Turn database errors into RegistryError, a lost race into ConflictError.

    What was to be written and is no text (a lone surrogate: bytes of a terminal that are no UTF-8) becomes
    QueryError.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise lost_race(shown(engine.url)) from error
    except UnicodeEncodeError as error:
        raise not_text(error) from error
    except (sa.exc.SQLAlchemyError, UnicodeDecodeError) as error:
        raise _failed(error, engine.url) from error


def lost_race(where: str = "") -> ConflictError:
    """Make the error for a changeset whose parent is no longer the head."""
    return ConflictError(
        Text(zh="别人刚刚先提交了变更。", en="Somebody else committed first."),
        where=where,
        hint=Text(zh="请重新执行,变更会再校验一次。", en="Run it again; the change is checked anew."),
    )


def told(error: Exception) -> str:
    """Return what the driver said."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split())


def _failed(error: Exception, url: sa.URL) -> RegistryError:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    if isinstance(cause, UnicodeDecodeError) or "decode to UTF-8" in str(cause):
        code = "SQLITE_CORRUPT"  # the driver gives no code for a text that is none
    text = _without_password(told(error), url)
    kind = next((one for one in _FAILURES if _is(one, code, text)), _OTHER)
    return RegistryError(kind.what, where=f"{shown(url)}: {text}", hint=kind.hint)


def _is(kind: _Failure, code: str, text: str) -> bool:
    if code:
        return bool(kind.codes) and code.startswith(kind.codes)
    return bool(kind.words) and re.search(kind.words, text, re.IGNORECASE) is not None


def _without_password(text: str, url: sa.URL) -> str:
    hidden = [str(value) for key, value in url.query.items() if "pass" in key.lower()]
    for secret in filter(None, [str(url.password or ""), *hidden]):
        text = text.replace(secret, "***")
    return text
