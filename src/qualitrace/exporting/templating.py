"""Templates of pictures and pages: the profile's own, else the ones shipped (floor 4)."""

from __future__ import annotations

from pathlib import Path

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from qualitrace.errors import ProfileError
from qualitrace.profile.model import Profile
from qualitrace.text import Text


def find_template(profile: Profile, name: str) -> tuple[jinja2.Template, str]:
    """Return ``exports/{name}`` of the profile, else the default one; and where it lies.

    A profile's template may extend ``default/{name}``. Whatever is put in is escaped. Raises
    ProfileError when it is not a template.
    """
    own = profile.directory / "exports"
    default = Path(__file__).parent / "templates"
    loader = jinja2.ChoiceLoader(
        [
            jinja2.FileSystemLoader(own),
            jinja2.PrefixLoader({"default": jinja2.FileSystemLoader(default)}),
        ]
    )
    environment = SandboxedEnvironment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    where = own / name
    try:
        return environment.get_template(name if where.is_file() else f"default/{name}"), str(where)
    except jinja2.TemplateError as error:
        raise bad_template(str(where), str(error)) from error


def bad_template(where: str, why: str) -> ProfileError:
    """Make the error for a template that cannot be read or filled in."""
    return ProfileError(
        Text(zh="配置里的模板不能用。", en="The profile's template cannot be used."),
        where=f"{where}: {why}",
        hint=Text(
            zh="请改正模板;删除它则使用默认样式。",
            en="Mend the template; without it the default style is used.",
        ),
    )
