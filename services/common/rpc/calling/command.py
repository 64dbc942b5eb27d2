"""The command `call`: one call of an API, with what is sent in words and what comes back as JSON.

Exit codes: 0 done; 2 wrong use, as a field that there is not; 3 the call was refused, or nothing
answers.
"""

import difflib
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import click
import grpc.aio
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.common.ids import random_id
from services.common.rpc.calling import telling
from services.common.rpc.calling.contracts import Contracts
from services.common.rpc.calling.words import WordsError, document_from, fill
from services.common.rpc.client import connect
from services.common.rpc.command_line import call as run_client
from services.common.rpc.command_line import target_from

DEADLINE_SECONDS: Final = 60.0
"""A change of a published week is checked before it is answered, which takes a moment."""
REQUEST_ID: Final = "request_id"
NEXT_PAGE: Final = "next_page_token"

HELP: Final = """Call METHOD with the fields that are given, and print the answer as JSON.

Without METHOD, every method is listed with what it does; METHOD --fields shows what is sent and
what comes back, field by field.

\b
A field is FIELD=VALUE. A dot goes into a message, a list is said several times or as JSON:
  {example}

Where a method asks for a request_id and none is given, a new one is made.
"""


def call_command(
    target_options: Callable[[Callable[..., Any]], Callable[..., Any]],
    *,
    modules: Sequence[ModuleType],
    scopes: Mapping[str, str],
    example: str,
) -> click.Command:
    """Return the command of a service.

    target_options: what adds the options that say where the service is; without an address
    methods and fields are told all the same.
    modules: the generated `…_service_pb2`. scopes: that of each method.
    """
    contracts = Contracts(modules)

    @click.command("call", help=HELP.format(example=example))
    @click.argument("method", required=False)
    @click.argument("words", nargs=-1, metavar="[FIELD=VALUE]...")
    @click.option("--fields", "tell", is_flag=True, help="Show the fields, and call nothing.")
    @click.option(
        "--file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
        help="JSON of what is sent, - for standard input; FIELD=VALUE goes before it.",
    )
    @click.option("--all", "whole", is_flag=True, help="Of a list, every page.")
    @target_options
    def command(
        method: str | None,
        words: tuple[str, ...],
        *,
        tell: bool,
        file: Path | None,
        whole: bool,
        **options: Any,  # noqa: ANN401
    ) -> None:
        if method is None:
            _print(telling.methods(contracts))
            return
        found = _method(contracts, method)
        if tell:
            _print(telling.fields(contracts, found, scopes))
            return
        request = _request(found, words, file)
        if options["target"] is None:
            raise click.UsageError("Say --target: where the API is, as host:port.")
        answer = run_client(lambda: _ask(options, found, request, whole=whole))
        click.echo(
            json_format.MessageToJson(
                answer, preserving_proto_field_name=True, indent=2, ensure_ascii=False
            )
        )

    return command


def _print(lines: Iterator[str]) -> None:
    click.echo("\n".join(lines))


def _method(contracts: Contracts, name: str) -> MethodDescriptor:
    found = contracts.find(name)
    if found is None:
        near = difflib.get_close_matches(name.rpartition(".")[2], contracts.methods, cutoff=0.5)
        meant = f" Is it {' or '.join(near)}?" if near else ""
        raise click.UsageError(f"There is no method {name!r}.{meant} `call` alone lists all.")
    return found


def _request(method: MethodDescriptor, words: Sequence[str], file: Path | None) -> Message:
    """Return what is sent: the file, then the words, then an id of the sending."""
    message: Message = GetMessageClass(method.input_type)()
    try:
        fill(message, _document(file))
        fill(message, document_from(words, method.input_type))
    except WordsError as error:
        raise click.UsageError(str(error)) from error
    if REQUEST_ID in method.input_type.fields_by_name and not getattr(message, REQUEST_ID):
        setattr(message, REQUEST_ID, random_id())
    return message


def _document(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        return {}
    text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise WordsError(f"{file}, line {error.lineno}: no JSON: {error.msg}.") from error
    if not isinstance(document, dict):
        raise WordsError(f"{file} holds no JSON object, as in {{}}.")
    return document


async def _ask(
    options: dict[str, Any], method: MethodDescriptor, request: Message, *, whole: bool
) -> Message:
    """Make the call; of a list and `whole`, one for each page, and return all of them as one."""
    target = target_from(options)
    async with connect(
        target.address, target.token, timeout_seconds=DEADLINE_SECONDS, tls=target.tls
    ) as channel:
        ask = _caller(channel, method)
        answer = await ask(request)
        token = _next_page(answer) if whole else ""
        while token:
            fill(request, {"page_token": token})
            page = await ask(request)
            answer.MergeFrom(page)
            token = _next_page(page)
        if whole and _next_page(answer):
            answer.ClearField(NEXT_PAGE)
        return answer


def _next_page(answer: Message) -> str:
    """Return where a list goes on; "" where it does not, or is none."""
    return str(getattr(answer, NEXT_PAGE, ""))


def _caller(
    channel: grpc.aio.Channel, method: MethodDescriptor
) -> Callable[[Message], Awaitable[Message]]:
    answer_class: type[Message] = GetMessageClass(method.output_type)
    multicallable: Any = channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=_bytes,
        response_deserializer=answer_class.FromString,
    )
    caller: Callable[[Message], Awaitable[Message]] = multicallable
    return caller


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()
