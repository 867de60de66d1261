"""What is said when a Neo4j server is away, or will not do what it is asked (floor 1)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from neo4j import exceptions

from qualitrace.budget import TimeUpError
from qualitrace.errors import ForbiddenError, QualitraceError, QueryError, RegistryError, UnavailableError
from qualitrace.text import Text

_AUTHENTICATION = "Neo.ClientError.Security."
_SHOWN = 120  # characters of an identifier
_NO_DATABASE = "Neo.ClientError.Database.DatabaseNotFound"
_TIME = (
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.TransientError.Transaction.LockClientStopped",
)


def address(uri: str, schemes: Sequence[str]) -> SplitResult:
    """Take an address apart. Raises RegistryError when it is none of a Neo4j server."""
    try:
        parts = urlsplit(uri)
        numbered = parts.port != 0
    except ValueError as error:
        raise _no_address("") from error  # it is not shown: it may hold a password
    context = parts.query and not parts.scheme.startswith("neo4j")  # which only routing takes
    if parts.scheme not in schemes or not parts.hostname or not numbered or context:
        raise _no_address(f"{parts.scheme}://{parts.hostname or ''}")
    if parts.path not in ("", "/"):
        raise RegistryError(
            Text(
                zh="Neo4j 的地址里不写数据库。",
                en="The address of Neo4j does not say which database.",
            ),
            where=parts.path,
            hint=Text(
                zh="请用 --database（设置 neo4j.database）写明。",
                en="Say it with --database (setting neo4j.database).",
            ),
        )
    return parts


def _no_address(where: str) -> RegistryError:
    return RegistryError(
        Text(zh="这不是 Neo4j 的地址。", en="This is not the address of a Neo4j server."),
        where=where,
        hint=Text(
            zh="地址写作 bolt://主机:7687（一台服务器）或 neo4j://主机:7687（集群）；加密时用 neo4j+s://。",
            en="Write bolt://HOST:7687 (one server) or neo4j://HOST:7687 (cluster); neo4j+s:// encrypts.",
        ),
    )


def no_registries(database: str) -> RegistryError:
    """Return the refusal of the database in which Neo4j keeps its own things."""
    return RegistryError(
        Text(
            zh=f"{database} 是 Neo4j 自己的数据库，不能存放登记库。",
            en=f"{database} is the database that Neo4j keeps for itself; no registry can be in it.",
        ),
        where="--database",
        hint=Text(
            zh="请写存放登记库的数据库（设置 neo4j.database）；默认是 neo4j。",
            en="Name the one that registries are in (setting neo4j.database); the default is neo4j.",
        ),
    )


def account_in_address() -> RegistryError:
    """Return the refusal of an address that holds a user or a password."""
    return RegistryError(
        Text(
            zh="Neo4j 的地址里不能写用户名和密码：别人会在进程列表里看到。",
            en="The address of Neo4j may hold no user or password: the process list shows them to others.",
        ),
        hint=Text(
            zh="用户名用 --user，密码用 --password-file 或环境变量 QUALITRACE_NEO4J_PASSWORD。",
            en="Give the user with --user, the password with --password-file or QUALITRACE_NEO4J_PASSWORD.",
        ),
    )


def long_iri(name: str, longest: int) -> RegistryError:
    """Return the refusal of a node whose name (IRI) is longer (in bytes) than an index takes."""
    return RegistryError(
        Text(
            zh=f"有一个标识符长 {len(name.encode()):,} 字节；Neo4j 最多能索引 {longest:,} 字节。",
            en=f"An identifier is {len(name.encode()):,} bytes long; Neo4j can index {longest:,} at most.",
        ),
        where=f"{name[:_SHOWN]}…",
        hint=Text(
            zh="请在登记库里给它换一个较短的标识符，再运行一次；若发布已经开始，请加 --rebuild。",
            en="Give it a shorter identifier in the registry and run this again; with --rebuild where a"
            " publication has begun.",
        ),
    )


def too_old(where: str, version: str) -> UnavailableError:
    """Return the refusal of a server of an earlier release."""
    return UnavailableError(
        Text(
            zh=f"这台服务器是 Neo4j {version}，需要 5.26 或更新的版本。",
            en=f"This server is Neo4j {version}; 5.26 or later is needed.",
        ),
        where=where,
        hint=Text(zh="建议使用 5.26 LTS 的最新修订版。", en="The newest 5.26 LTS is a good choice."),
    )


def timed_out(error: BaseException) -> bool:
    """Tell whether a statement was ended because it took too long."""
    return isinstance(error, exceptions.Neo4jError) and (error.code or "").startswith(_TIME)


def translated(error: BaseException, where: str) -> QualitraceError:
    """Return what an error of the driver means, in words, without any account in it."""
    code = (error.code or "") if isinstance(error, exceptions.Neo4jError) else ""
    if isinstance(error, exceptions.AuthError) or code.startswith(_AUTHENTICATION):
        return _refused(code, where)
    if code == _NO_DATABASE or "database is not found" in str(error).lower():
        return RegistryError(
            Text(zh="Neo4j 里没有这个数据库。", en="Neo4j has no such database."),
            where=where,
            hint=Text(zh="请检查 --database；默认是 neo4j。", en="Check --database; the default is neo4j."),
        )
    if timed_out(error):
        return TimeUpError(
            Text(
                zh="Neo4j 上的这个查询超过了时限。",
                en="This question took longer on Neo4j than it may.",
            ),
            where=where,
            hint=Text(zh="请缩小范围，或稍后再试。", en="Narrow it, or try again later."),
        )
    if isinstance(error, exceptions.ServiceUnavailable | exceptions.SessionExpired | OSError):
        return _away(error, where)
    if isinstance(error, exceptions.TransientError | exceptions.DriverError):
        return UnavailableError(
            Text(zh="Neo4j 暂时做不了这件事。", en="Neo4j cannot do this at the moment."),
            where=f"{where}: {_first_line(error)}",
            hint=Text(zh="请稍后再试。", en="Try again in a while."),
        )
    return QueryError(
        Text(zh="Neo4j 没有执行这条语句。", en="Neo4j did not run a statement."),
        where=f"{where}: {_first_line(error)}",
        hint=Text(
            zh="请看 Neo4j 的日志；磁盘满、内存不足或权限不够都会这样。",
            en="See Neo4j's log; a full disk, too little memory or missing privileges do this.",
        ),
    )


def _refused(code: str, where: str) -> QualitraceError:
    if code == "Neo.ClientError.Security.Forbidden":
        return ForbiddenError(
            Text(zh="这个 Neo4j 账号没有所需的权限。", en="This Neo4j account may not do that."),
            where=where,
            hint=Text(
                zh="发布需要能写、能建约束和索引的账号；只读的服务用只读账号即可。",
                en="Publishing needs an account that may write and make constraints and indexes.",
            ),
        )
    if code == "Neo.ClientError.Security.AuthenticationRateLimit":
        return ForbiddenError(
            Text(zh="Neo4j 暂时不再接受登录：错误的密码太多了。", en="Neo4j takes no logins for now."),
            where=where,
            hint=Text(zh="请过一会儿再试。", en="There were too many wrong passwords; wait a while."),
        )
    return ForbiddenError(
        Text(zh="Neo4j 不接受这个用户名或密码。", en="Neo4j does not accept this user or password."),
        where=where,
        hint=Text(
            zh="请检查 --user，以及 --password-file 或环境变量 QUALITRACE_NEO4J_PASSWORD。",
            en="Check --user, and --password-file or QUALITRACE_NEO4J_PASSWORD.",
        ),
    )


def _away(error: BaseException, where: str) -> UnavailableError:
    said = str(error).lower()
    if "http" in said or "handshake" in said or "magic" in said:
        return UnavailableError(
            Text(
                zh="这个地址上有服务，但它不是 Neo4j 的 Bolt 端口。",
                en="Something answers at this address, but it is not the Bolt port of a Neo4j server.",
            ),
            where=where,
            hint=Text(
                zh="Bolt 端口通常是 7687；7474 是网页界面。若服务器要求加密，请用 bolt+s:// 或 neo4j+s://。",
                en="The Bolt port usually is 7687; 7474 is that of the browser. Where the server wants"
                " encryption write bolt+s:// or neo4j+s://.",
            ),
        )
    if "+s" in where.partition("://")[0]:
        return _away_encrypted(where)
    return UnavailableError(
        Text(zh="连不上 Neo4j。", en="Neo4j cannot be reached."),
        where=where,
        hint=Text(
            zh="请看服务器（集群）是否在运行、地址和端口是否正确、防火墙是否放行；登记库本身不受影响。",
            en="See that the server (the cluster) runs, that address and port are right and the firewall"
            " lets it through. The registry itself is not affected.",
        ),
    )


def _away_encrypted(where: str) -> UnavailableError:
    return UnavailableError(
        Text(zh="不能以加密方式连上 Neo4j。", en="Neo4j cannot be reached with encryption."),
        where=where,
        hint=Text(
            zh="请看服务器是否在运行并启用了加密（否则用 bolt:// 或 neo4j://），证书是否由本机信任的机构签发"
            "（+ssc:// 接受任何证书）；登记库本身不受影响。",
            en="See that the server runs and offers encryption (else write bolt:// or neo4j://), and that its"
            " certificate is one this machine trusts (+ssc:// takes any). The registry itself is not"
            " affected.",
        ),
    )


def _first_line(error: BaseException) -> str:
    message = getattr(error, "message", None) or str(error)
    return str(message).splitlines()[0][:300] if message else type(error).__name__
