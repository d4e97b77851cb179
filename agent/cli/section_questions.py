"""One cloud's section, filled in: from options, from a console's JSON, from a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import click
from pydantic import ValidationError

from agent.cli.credentials import Pasted
from agent.cli.forms import FORMS, VARIANTS, Ask, Form, Whole
from agent.cli.questions import FROM_ENVIRONMENT, Asker, required, understood_lines
from agent.settings.clouds import CloudSettings
from agent.settings.faults import HIDDEN, Place, faults_of

PARAMETERS: Final = frozenset(
    parameter for form in FORMS.values() for parameter in form.parameters
) | {ask.parameter for ask in VARIANTS.values()}
"""Every option that fills some cloud's section."""

PLAIN: Final = (
    "the console's JSON says securemode=3, a login without TLS: everything goes in the clear,"
    " the sign-in included"
)
MENDED: Final = (
    "put securemode=2 in its place, in the JSON: that part is not signed, and TLS is used then"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A cloud's section; `secret` is the text of the file that the key `secret_key` names."""

    keys: Mapping[str, object] = field(default_factory=dict[str, object])
    ca_file: str = ""
    secret_key: str = ""
    secret: str = field(default="", repr=False)


def ask_section(asker: Asker, cloud: str) -> Filled:
    """Ask for the section of *cloud*; raise a usage error for what cannot be asked."""
    variant = VARIANTS.get(cloud)
    chosen = _chosen(asker, variant) if variant else ""
    form = FORMS[cloud, chosen]
    named = frozenset([variant.parameter] if variant else [])
    refuse_unfit(asker, cloud, form.parameters | named)
    walk = _Walk(
        asker=asker,
        form=form,
        pasted=asker.pasted(),
        keys={} if variant is None else {variant.key: chosen},
        fixed={**form.fixed, **({"tls": False} if asker.options.get("no_tls") else {})},
    )
    return walk.run()


def refuse_unfit(asker: Asker, cloud: str, known: frozenset[str]) -> None:
    """Raise a usage error for an option that only other clouds have."""
    for parameter in sorted(PARAMETERS - known):
        if asker.given(parameter):
            raise click.UsageError(f"{_flag(parameter)} does not belong to --cloud {cloud}")


def _chosen(asker: Asker, variant: Ask) -> str:
    return asker.choose(variant.parameter, variant.question, variant.choices, variant.default or "")


@dataclass(slots=True, kw_only=True)
class _Walk:
    """The questions of one form, and what is known of its section so far."""

    asker: Asker
    form: Form
    pasted: Pasted
    keys: dict[str, object]
    fixed: dict[str, object]

    def run(self) -> Filled:
        first, *rest = self.form.device
        self._begin(first)
        if self.pasted.text and not self.form.knows(self.pasted):
            names = ", ".join(ask.question for ask in (*self.form.device, self.form.secret))
            raise click.UsageError(f"this JSON holds none of what is needed: {names}")
        if self.form.whole is not None and self.form.is_whole(self.pasted):
            return self._kept(self.form.whole)
        for ask in (first, *rest):
            self._fill(ask)
        secret = self._secret(self.form.secret)
        for ask in self.form.others:
            self._fill(ask)
        ca_file = self._root()
        return Filled(
            keys=self._whole_keys,
            ca_file=ca_file,
            secret_key=f"{self.form.secret.key}_file" if secret else "",
            secret=secret,
        )

    @property
    def _whole_keys(self) -> dict[str, object]:
        return {**self.keys, **self.fixed}

    def _begin(self, first: Ask) -> None:
        """Let the first answer be JSON, where nothing is known yet."""
        if self.asker.is_silent or self._known(first) or self.pasted.text:
            return
        question = f"{first.question} (or paste the console's JSON)"
        typed = self.asker.answer(
            question,
            lambda answer: "" if answer.startswith("{") else self._fault(first.key, answer),
            default=None,
            is_hidden=False,
        )
        if typed.startswith("{"):
            self.pasted = understood_lines(typed)
        else:
            self.keys[first.key] = typed

    def _known(self, ask: Ask) -> str:
        return self.asker.given(ask.parameter) or self.pasted.find(ask.spellings)

    def _fill(self, ask: Ask) -> None:
        value = str(self.keys.get(ask.key) or self._known(ask)) or self._asked(ask)
        if value:
            self.keys[ask.key] = value

    def _asked(self, ask: Ask) -> str:
        if not ask.is_asked or self.keys.get(ask.unless):
            return ""
        if self.asker.is_silent:
            return required(ask.key, ask.default)
        if ask.choices:
            return self.asker.choose(ask.parameter, ask.question, ask.choices, ask.default or "")
        return self.asker.answer(
            ask.question,
            lambda answer: self._fault(ask.key, answer),
            default=ask.default,
            is_hidden=False,
        )

    def _secret(self, ask: Ask) -> str:
        if not self.form.section.needs_secret(self.keys):
            return ""
        known = self.asker.secret() or self.pasted.find(ask.spellings)
        if known:
            return known
        if self.asker.is_silent:
            raise click.UsageError(f"--yes needs the secret: {FROM_ENVIRONMENT} or --secret-file")
        return self.asker.answer(
            f"{ask.question} (not shown)",
            lambda answer: self._secret_fault(ask.key, answer),
            default=None,
            is_hidden=True,
        )

    def _root(self) -> str:
        """Ask for the platform's root, where the section says that it is missing."""
        given = self.asker.given("ca_file")
        if given or self.form.root is None or self.asker.is_silent:
            return given
        section = _section_of(self.form.section, self._whole_keys)
        return self._asked(self.form.root) if section and section.lacks_root else ""

    def _kept(self, whole: Whole) -> Filled:
        """Keep the console's JSON as it is; without TLS only where a person says so."""
        asker = self.asker
        if whole.is_plain(self.pasted.text) and "tls" not in self.fixed:
            if asker.is_silent:
                raise click.UsageError(f"{PLAIN}: --no-tls says that this is wanted; or {MENDED}")
            if not asker.agrees(f"{PLAIN}. Is that wanted?", is_default=False):
                raise click.UsageError(f"nothing was written: {MENDED}")
            self.fixed["tls"] = False
        for ask in (*self.form.device, *self.form.others):
            if asker.given(ask.parameter):
                raise click.UsageError(
                    f"{_flag(ask.key)}: the console's JSON says it already; leave one of them out"
                )
        return Filled(
            keys=self._whole_keys,
            ca_file=asker.given("ca_file"),
            secret_key=whole.key,
            secret=self.pasted.text,
        )

    def _fault(self, key: str, answer: str) -> str:
        """Say what is wrong with one answer, whatever of the section is still missing."""
        value = {**self.keys, **({key: answer} if answer else {})}
        section = self.form.section
        try:
            section.model_validate(value)
        except ValidationError as error:
            if any(details["loc"] == (key,) for details in error.errors(include_url=False)):
                faults = faults_of(error, section=section, value=value, at=(), locator=_place)
                return "\n".join(f"allowed: {each.allowed}" for each in faults if each.key == key)
        return ""

    def _secret_fault(self, key: str, answer: str) -> str:
        wrong = self.form.section.secret_fault_in(self.keys, key, answer)
        return f"found {HIDDEN}; allowed: {wrong}" if wrong else ""


def _place(path: tuple[str | int, ...]) -> Place:
    return Place(file="", line=None, key=".".join(str(part) for part in path))


def _section_of(section: type[CloudSettings], keys: Mapping[str, object]) -> CloudSettings | None:
    try:
        return section.model_validate(dict(keys))
    except ValidationError:
        return None


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"
