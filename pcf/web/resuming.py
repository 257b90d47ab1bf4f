"""What a page shows is what the server has, also before its connection and after it was interrupted.

Whatever a browser sends into a connection that is dead, and not yet known to be, is lost: a mass that was typed and a click. A second
click would then record what the field had before. So a page whose connection is lost takes nothing more; when it is back, the server
asks for what stands in the fields, and whoever looks is told to look again; or the page is loaded anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from nicegui import Client, ui

if TYPE_CHECKING:
    from pcf.web.shell import View

LONGEST = 20.0
"""How long a browser may take to say what it shows [s]."""

_IN_ORDER = """<script>
{
  // Until a page is connected NiceGUI lets each event wait for itself, by a clock, and sends them in whatever order the clocks strike. The
  // connection's own buffer keeps their order, and is sent once the server knows the page.
  let greeted = false;
  Object.defineProperty(window, "did_handshake", {
    get: () => greeted || !!window.socket?.io.opts.query.implicit_handshake,
    set: (value) => (greeted = value),
  });
}
</script>"""
"""What is written and clicked before a page is connected arrives as it was made: the mass, its correction, the click."""

_PAUSE = """<script>
{
  const others = () => [...document.body.children].filter((item) => item.id !== "popup");
  let focused = null;
  const pause = () => {
    focused ??= document.activeElement;
    others().forEach((item) => (item.inert = true));
  };
  window.pcfGoOn = () => {
    others().forEach((item) => (item.inert = false));
    focused?.focus?.();
    focused = null;
  };
  const waiting = setInterval(() => {
    if (!window.socket) return;
    clearInterval(waiting);
    let cut = false;
    window.socket.on("disconnect", () => {
      cut = true;
      pause();
    });
    // What was clicked after a sleep that the browser notices only then, and the blurs that the pause itself makes, would go first. What
    // waits for the very first connection stays: nobody asks for it.
    window.socket.io.on("reconnect_attempt", () => cut && (window.socket.sendBuffer = []));
  }, 50);
}
</script>"""
"""While a page is not connected nobody writes or clicks in it: the server would hear the click, and not what was written before."""

# A lever's place cannot be put back without moving it; where there are levers, the address has the state.
_SHOWN = """(() => {
  if (document.querySelector("input[type=range]")) return location.reload(), null;
  return Object.fromEntries([...document.querySelectorAll("input[id], textarea[id]")].map((item) => [item.id, item.value]));
})()"""


def watch(view: View, client: Client) -> None:
    """Resume the page of a client each time that its connection comes back."""
    ui.add_head_html(_IN_ORDER)
    ui.add_body_html(_PAUSE)
    times = 0

    async def connected() -> None:
        nonlocal times
        times += 1
        mine = times
        if mine == 1:
            return
        try:
            shown = await client.run_javascript(_SHOWN, timeout=LONGEST)
        except TimeoutError:
            if mine == times and client.has_socket_connection:  # else the connection was lost again, and it will be asked again
                client.run_javascript("location.reload()")
            return
        if isinstance(shown, dict):  # else the page is loaded anew, or gone
            _take(view, client, shown)

    client.on_connect(connected)


def in_step(client: Client) -> Callable[[], Awaitable[bool]]:
    """What asks a page whether all that was entered in it so far has arrived: it answers after that, by the same connection.

    It gives false where the page does not answer, or was connected anew meanwhile: then something may have been lost.
    """
    times = int(client.has_socket_connection)

    def connected() -> None:
        nonlocal times
        times += 1

    async def ask() -> bool:
        before = max(times, 1)  # the first connection loses nothing
        try:
            return bool(await client.run_javascript("true", timeout=LONGEST)) and times == before
        except TimeoutError:
            return False

    client.on_connect(connected)
    return ask


def _take(view: View, client: Client, shown: dict[str, object]) -> None:
    """Let each field have what it shows: id of its element in the browser → words."""
    with client.content:
        for element in list(client.elements.values()):
            words = shown.get(element.html_id)
            field = element if isinstance(element, ui.input | ui.textarea) and not element.is_ignoring_events else None
            if field is not None and isinstance(words, str) and words != str(field.value or ""):
                field.set_value(words)
            # What was lost on its way is sent again after what has changed since: the last word has to be the present one.
            element.update()
        view.tell(view.say("resumed"), "warning", milliseconds=20_000)
    client.run_javascript("pcfGoOn()")
