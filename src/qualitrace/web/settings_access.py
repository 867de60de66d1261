"""Settings of who may ask, and of telling others (floor 5): ``[oidc]`` and ``[webhooks]``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qualitrace.access.oidc_settings import ALGORITHMS, OidcSettings
from qualitrace.errors import AccessError
from qualitrace.text import Text
from qualitrace.web.declaring import setting


@dataclass(frozen=True, slots=True)
class Identity:
    """``[oidc]``: the college's identity provider, whose tokens are taken beside one's own."""

    issuer: str = setting(
        "",
        zh="身份提供方的 issuer(https);不写则只用登记库自己的令牌。",
        en="The provider's issuer (https); empty to take the registry's own tokens only.",
        example="https://id.college.example/realms/college",
    )
    audience: tuple[str, ...] = setting(
        (),
        zh="令牌的受众须是其中之一。",
        en="A token must be meant for one of these audiences.",
        example=["qualitrace"],
    )
    algorithms: tuple[str, ...] = setting(
        ("RS256", "PS256", "ES256", "EdDSA"),
        zh="接受的签名算法(只有非对称的):" + "、".join(ALGORITHMS) + "。",
        en="Algorithms of signatures that are taken (asymmetric only): " + ", ".join(ALGORITHMS) + ".",
    )
    name_claim: str = setting(
        "preferred_username",
        zh="记录中用哪个声明称呼其人。",
        en="The claim that a person goes by in logs; the subject where it is missing.",
    )
    roles_claim: str = setting(
        "roles",
        zh="角色在哪个声明中;点表示进入对象。",
        en="The claim that holds roles; dots lead into objects.",
        example="realm_access.roles",
    )
    roles: tuple[str, ...] = setting(
        (),
        zh="声明中的值对应的角色(reader、auditor、steward、office、system),写成“值 = 角色”。",
        en='Which role (reader, auditor, steward, office, system) a value stands for: "value = role".',
        example=["qa-office = office", "auditors = auditor"],
    )
    default_role: str = setting(
        "",
        zh="没有对应角色的人的角色;不写则拒绝。",
        en="The role of whoever has none; empty to refuse them.",
        choices=("", "reader"),
    )
    units_claim: str = setting(
        "units", zh="负责的单位在哪个声明中。", en="The claim that holds a steward's units."
    )
    units: tuple[str, ...] = setting(
        (),
        zh="声明中的值对应的单位(名称、编码或标识),写成“值 = 单位”;不写则值本身就是单位。",
        en='Which unit (name, code or identifier) a value stands for: "value = unit"; empty: itself.',
        example=["d07 = unit/d07"],
    )
    grants_claim: str = setting(
        "",
        zh="跨库服务:在各登记库里的角色写在哪个声明中(点表示进入对象);不写则不读。读不懂的、所说角色或登记库不存在的,"
        "一律不给,并记入日志。",
        en="For a server across registries: the claim that holds roles in single registries (dots lead into "
        "objects); empty to read none. What cannot be read, or names a role or registry that there is not, "
        "gives nothing, and the log says so.",
        example="qualitrace_grants",
    )
    grants_form: str = setting(
        "{registry}={role}",
        zh="其中每个值的写法,含 {registry} 与 {role} 各一次;单位负责人的角色后写 @ 和单位标识。声明为对象"
        "(登记库 → 角色或其列表)的,写 object。",
        en="How each value of it is written, with {registry} and {role} once each; a steward's role is "
        "followed by @ and the IRI of the unit. Write object where the claim is one: registry → role, or a "
        "list of roles.",
        example="/colleges/{registry}/{role}",
    )
    grants_roles: tuple[str, ...] = setting(
        (),
        zh="其中的词对应的角色,写成“词 = 角色”;不写则词就是角色名。",
        en='Which role a word in it stands for: "word = role"; empty: the names of the roles.',
        example=["qa-audit = auditor"],
    )
    required_claims: tuple[str, ...] = setting(
        (),
        zh="除 iss、aud、sub、exp、iat 外还须有的声明。",
        en="Claims a token must have beside iss, aud, sub, exp and iat.",
    )
    token_type: str = setting(
        "",
        zh="令牌头部 typ 须是什么;不写则不查。",
        en="What the header typ of a token must say; empty: anything.",
        example="at+jwt",
    )
    skew_seconds: int = setting(
        60, zh="时钟允许相差几秒。", en="Seconds that clocks may differ.", least=0, most=600
    )
    longest_seconds: int = setting(
        86_400,
        zh="签发超过几秒的令牌不再接受,不论其失效时间。",
        en="Seconds after it was issued a token is refused, whatever it says of its expiry.",
        least=60,
    )
    keys_seconds: int = setting(
        600,
        zh="多久重新获取密钥(其间已知的照用)。",
        en="Seconds after which keys are fetched anew; known ones go on working meanwhile.",
        least=1,
    )
    refetch_seconds: int = setting(
        30,
        zh="两次向身份提供方请求至少相隔几秒。",
        en="Seconds at least between two requests to the provider.",
        least=0,
    )
    timeout_seconds: float = setting(
        5.0, zh="等身份提供方几秒。", en="Seconds that the provider is waited for.", least=0.1, most=60
    )
    ca_file: str = setting(
        "",
        zh="为身份提供方的证书担保的 CA(PEM);不写则用本机信任的。",
        en="The CA that vouches for the provider's certificate (PEM); empty: those this machine trusts.",
    )

    def oidc(self) -> OidcSettings:
        """Return the settings as access takes them. Raises AccessError when they cannot work."""
        pairs = ("roles", "units", "grants_roles")
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return OidcSettings(**given | {name: _pairs(given[name], name) for name in pairs})

    def contradictions(self) -> Iterator[tuple[str, Text, Text]]:
        """Tell what cannot work: (key, what, hint)."""
        try:
            self.oidc()
        except AccessError as error:
            key = error.where.removeprefix("oidc").lstrip(".").partition(":")[0].partition(" ")[0]
            named = key if key in self.__dataclass_fields__ else "issuer"
            yield named, error.what, Text(zh=error.where, en=error.where)


@dataclass(frozen=True, slots=True)
class Hooking:
    """``[webhooks]``: telling other systems of changes (``qualitrace webhook``)."""

    enabled: bool = setting(True, zh="这个服务是否发送。", en="Whether this server delivers.")
    tries: int = setting(
        12,
        zh="一条消息最多试几次,之后停用该回调。",
        en="How often a message is tried before its webhook is dead.",
        least=1,
        most=100,
    )
    first_seconds: float = setting(
        5.0,
        zh="第一次失败后等几秒;以后每次约为四倍。",
        en="Seconds after the first failure; each further wait is about four times as long.",
        least=0,
    )
    longest_seconds: float = setting(
        21_600.0, zh="两次之间最长几秒。", en="Seconds between two attempts at most.", least=0
    )
    timeout_seconds: float = setting(
        15.0, zh="一次发送最多几秒。", en="Seconds that one attempt may take.", least=0.1, most=60
    )
    poll_seconds: float = setting(
        1.0, zh="多久看一次有无新变更。", en="Seconds between looks for something new.", least=0.01, most=60
    )


def _pairs(lines: tuple[str, ...], key: str) -> Mapping[str, str]:
    """Read ``value = meaning`` lines. Raises AccessError."""
    found = {}
    for line in lines:
        value, equals, meaning = line.rpartition("=")
        if not equals or not value.strip() or not meaning.strip():
            raise AccessError(
                Text(zh="应写成“值 = 含义”。", en='It is written "value = meaning".'),
                where=f"oidc.{key}: {line}",
            )
        found[value.strip()] = meaning.strip()
    return found
