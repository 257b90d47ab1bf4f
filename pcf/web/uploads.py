"""Where a file is chosen or dropped: a button that the keyboard reaches, and an area around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments, UploadEventArguments

from pcf.errors import InputError
from pcf.web.resuming import in_step
from pcf.web.shell import View

_HEAD = """<div class="upload-head">
<q-btn flat no-caps icon="upload_file" class="upload-button" label="{label}" @click="props.pickFiles" />
<span hidden><q-uploader-add-trigger /></span>
</div>"""
"""Quasar's own head puts the field of the file, without a name, into a link without a name. Here the field is for the button alone."""


def upload(
    view: View,
    label: str,
    take: Callable[[Any], Awaitable[None]],
    most: int,
    *,
    refuse: Callable[[InputError], None],
    accept: str = "",
) -> ui.upload:
    """A place for one file, which is taken as soon as it is chosen.

    Parameters
    ----------
    label : str
        What the button says.
    take : callable
        Is given the event with the file.
    most : int
        Bytes that it may have.
    refuse : callable
        Is told of a file that is too large, of another kind, or chosen while another one is on its way.
    accept : str
        Endings, such as `.csv,.xlsx`.
    """
    size = f"≤ {most // 1_000_000} MB" if most >= 1_000_000 else f"≤ {most // 1_000} kB"
    expected = ", ".join([*filter(None, accept.split(",")), size])

    def rejected(event: GenericEventArguments) -> None:
        if event.args == "max-files":
            refuse(InputError(label, view.say("upload-second"), view.say("upload-one")))
        else:
            refuse(InputError(label, view.say("upload-rejected"), expected))

    arrived = in_step(ui.context.client)

    async def in_order(event: UploadEventArguments) -> None:
        # A file comes by a way of its own, and may be here before the year that was written above it.
        if await arrived():
            await take(event)
        elif not event.client.is_deleted:
            made.reset()  # the same file may be chosen again
            refuse(InputError(label, view.say("upload-alone"), view.say("upload-again")))

    made = ui.upload(auto_upload=True, max_file_size=most, max_files=1, on_upload=in_order)
    made.on("rejected", rejected, js_handler="(found) => emit(found[0].failedPropValidation)")
    made.props(f"flat bordered {f'accept={accept}' if accept else ''}").classes("upload")
    made.add_slot("header", _HEAD.format(label=escape(label)))
    return made


async def content_of(event: Any, most: int) -> bytes:
    """Content of an uploaded file; what the browser was told of its size is asked again.

    Raises
    ------
    InputError
        Where it has more than `most` bytes.
    """
    content: bytes = await event.file.read()
    if len(content) > most:
        raise InputError(event.file.name, f"{len(content):,} bytes", f"at most {most:,}")
    return content
