"""The entry point: global options, exit codes and one clear line for every problem."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from pcf import __version__
from pcf.commands.interrupts import CODE as INTERRUPTED
from pcf.commands.interrupts import Interrupts, watch
from pcf.commands.streams import say, standard_streams
from pcf.errors import DataError, PcfError
from pcf.settings import LANGUAGES, load_settings, set_home

COMPLETE = "_PCF_COMPLETE"
"""Variable in which a shell asks for completions."""

FORBIDDEN = ("is not readable.", "is not writable.", "is not executable.")
"""How click ends a message about a missing permission, which is the environment's and no wrong input."""

COMMANDS = {
    "products": "catalogue",
    "show": "catalogue",
    "footprint": "footprint",
    "explain": "explain",
    "source": "source",
    "report": "report",
    "data": "data",
    "run": "run",
    "compare": "compare",
    "uncertainty": "uncertainty",
    "sensitivity": "sensitivity",
    "sweep": "sweep",
    "solve": "solve",
    "export": "export",
    "pact": "pact",
    "client": "client",
    "cbam": "cbam",
    "roadmap": "roadmap",
    "portfolio": "portfolio",
    "party": "custody",
    "site": "custody",
    "scope": "custody",
    "period": "period",
    "lot": "custody",
    "cast": "custody",
    "process": "custody",
    "ship": "custody",
    "coc": "coc",
    "statement": "statement",
    "power": "power",
    "batch": "batch",
    "account": "account",
    "trace": "trace",
    "contractor": "custody",
    "filing": "custody",
    "void": "custody",
    "custody": "book",
    "audit": "audit",
    "epcis": "epcis",
    "log": "log",
    "key": "key",
    "certificate": "certificate",
    "serve": "serve",
    "user": "user",
    "backup": "backup",
    "restore": "backup",
    "demo": "demo",
}
"""Command → module that holds it; a module is imported only when its command is used."""

SHORT_HELP = {
    "products": "List the products.",
    "show": "Show a product: its chain, its parameters with ranges and units.",
    "footprint": "Compute the footprint of products.",
    "explain": "Follow a footprint down to the source rows.",
    "source": "Show a source, and every value that rests on it.",
    "report": "Write the study report of a footprint: a PDF for a verifier, no certificate.",
    "data": "Check, compare, and bring in data.",
    "run": "Compute a study file.",
    "compare": "Compare variants: which is lower, by how much, how surely.",
    "uncertainty": "Draw every uncertain input and show the distribution of a footprint.",
    "sensitivity": "Show what drives a footprint, and a short formula for it.",
    "sweep": "Compute a footprint over the grid of one or more parameters.",
    "solve": "Find the values that bring a footprint to a target.",
    "export": "Hand the model to other programs.",
    "pact": "Exchange footprints by PACT: read suppliers', publish one's own.",
    "client": "Clients of the PACT service: who may ask for footprints.",
    "cbam": "CBAM specific embedded emissions: a calculation of its own, not a footprint.",
    "roadmap": "Follow a product along a roadmap, lever by lever.",
    "portfolio": "Compute a file of products, row by row.",
    "party": "Companies with their certificates and due diligence.",
    "site": "Plants.",
    "scope": "Certification scopes: the sites whose metal is one account.",
    "period": "Accounting periods: open and close them.",
    "lot": "Inbound lots: weigh ticket, class, document, footprint.",
    "cast": "Heats: charge, product, returns, bundles.",
    "process": "Steps after casting, from slab to coil.",
    "ship": "Shipments to customers, liquid metal among them.",
    "coc": "CoC documents: receive, issue, void.",
    "statement": "Statements of recycled content and of green aluminium.",
    "power": "Renewable power: evidence, and what it was spent for.",
    "batch": "Footprint and recycled content of what was cast.",
    "account": "Attribute accounts: what may still be claimed.",
    "trace": "Follow a lot, heat or shipment up and down.",
    "contractor": "Metal sent to contractors and come back.",
    "filing": "Papers of the audit folder.",
    "void": "Take a record back: it stays, its effect is reversed.",
    "custody": "A whole book of custody records at once.",
    "audit": "Export an audit file, check it, re-compute it.",
    "epcis": "Hand custody events to other systems.",
    "log": "The transparency log: verify it, sign its head.",
    "key": "Keys of an issuer: make, rotate, list, publish.",
    "certificate": "Certificates of a footprint: issue, revoke, publish, verify.",
    "serve": "Serve the workbench in a browser.",
    "user": "People of the workbench: add, list, disable, new password.",
    "backup": "Write everything that is recorded here into one file.",
    "restore": "Bring a backup back, whole or not at all.",
    "demo": "Tell the whole story on a sample and leave the results in a folder.",
}


class Group(click.Group):
    """A group that prints its help when it is called without a command: bad usage, yet readable."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the help on stderr where nothing is asked for."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; called alone, it prints its help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; without a command the help is what was asked for."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit(0)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the list above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pcf.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name as advice."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from pcf.catalogue import nearest

            advice = nearest(args[0], COMMANDS) or "see `pcf --help`"
            raise click.UsageError(f"command: found {args[0][:60]!r}; expected one of {', '.join(COMMANDS)}; {advice}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Short help without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SHORT_HELP.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="pcf")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of the own state (else PCF_HOME).")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of what is printed.")
@click.option("--debug", is_flag=True, help="Show where an error arose.")
@click.pass_context
def cli(ctx: click.Context, home: Path | None, lang: str | None, debug: bool) -> None:
    """Product carbon footprints for an aluminium producer: computed from sourced data, each number with its boundary,
    method and what it rests on.

    Start with `pcf products`, then `pcf footprint hqalight`.
    """
    if home is not None:
        set_home(home)
    asks_for_help = (ctx.obj or {}).get("help", False)
    ctx.obj = {"lang": lang, "debug": debug}
    if not asks_for_help:
        load_settings()  # damage is said by every command, be there anything in the settings that it needs or not


def language(ctx: click.Context) -> str:
    """Language of this call: the option, else the settings, which are read in any case, lest damage goes unseen."""
    chosen, settings = (ctx.find_root().obj or {}).get("lang"), load_settings()
    return chosen or settings.language


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; never returns.

    Exit codes: 0 done, 1 a check says no, 2 the input is wrong, 3 the environment is.
    """
    with watch(last=arguments is None) as interrupts:
        try:
            argv = _globals_first(sys.argv[1:] if arguments is None else arguments)
            with standard_streams(utf8="--json" in argv):
                code = _run(argv, interrupts)
        except KeyboardInterrupt:
            say("stopped")
            code = INTERRUPTED
    sys.exit(code)


def _run(argv: list[str], interrupts: Interrupts) -> int:
    """Run a command, say what went wrong, and give the exit code."""
    debug = "--debug" in argv
    try:
        code = _call(argv)
        sys.stdout.flush()
        return code
    except (click.Abort, KeyboardInterrupt):
        raise KeyboardInterrupt from None
    except click.ClickException as problem:
        say(f"{problem.format_message()} (see `pcf --help`)")
        return 3 if problem.message.endswith(FORBIDDEN) else 2
    except Exception as problem:
        if interrupts.seen:
            raise KeyboardInterrupt from None
        if debug:
            raise
        return _explain(problem, _language(argv))


def _call(argv: list[str]) -> int:
    # Not by way of click's own `main`, which has other ideas of a reader who has left and of Ctrl-C.
    if instruction := os.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(cli, {}, "pcf", COMPLETE, instruction)
    try:
        with cli.make_context("pcf", [*argv], obj={"help": not {"-h", "--help"}.isdisjoint(argv)}) as ctx:
            cli.invoke(ctx)
    except click.exceptions.Exit as left:
        return left.exit_code
    return 0


def _language(argv: list[str]) -> str:
    """Language of a refusal: that of the call, which its context no longer says; settings that cannot be read have none."""
    asked, words = "", iter(argv)
    for word in words:
        if word == "--lang":
            asked = next(words, "")
        elif word.startswith("--lang="):
            asked = word.partition("=")[2]
        elif word != "--debug":
            break
    if asked:
        return asked
    with suppress(PcfError):
        return load_settings().language
    return "en"


def _explain(problem: Exception, lang: str) -> int:
    if isinstance(problem, PcfError):
        from pcf.refusals import refusal  # the texts are read only where something is refused

        for line in problem.problems if isinstance(problem, DataError) else [problem]:
            say(refusal(line, lang))
    elif isinstance(problem, OSError):
        say(f"{problem.filename or 'the system'}: {problem.strerror or problem}")
    else:
        say(f"a defect of the program: {type(problem).__name__}: {problem}; run again with --debug and report it")
    return exit_code(problem)


def exit_code(problem: BaseException) -> int:
    """Exit code of a problem; a missing permission behind it is the environment's, whichever reader met it."""
    before = problem.__cause__ or problem.__context__
    if not isinstance(problem, PcfError) or isinstance(before, PermissionError):
        return 3
    if isinstance(problem, DataError) and any(exit_code(item) == 3 for item in problem.problems):
        return 3
    return exit_code(before) if isinstance(before, PcfError) else problem.exit_code


OWN_LANGUAGE = (("certificate", "issue"), ("certificate", "bulk"))
"""Commands whose `--lang` is that of the pages that they print."""


def _globals_first(arguments: list[str]) -> list[str]:
    """Arguments with `--lang` and `--debug` at the front, wherever they were written; behind some commands `--lang` is theirs."""
    first: list[str] = []
    rest = list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    for command in OWN_LANGUAGE:
        for place in range(end - 1):
            if tuple(rest[place : place + 2]) == command:
                end = place
                break
    place = 0
    while place < end:
        word = rest[place]
        size = 2 if word == "--lang" else 1 if word == "--debug" or word.startswith("--lang=") else 0
        if size:
            first += rest[place : place + size]
            del rest[place : place + size]
            end -= size
        else:
            place += 1
    return [*first, *rest]
