"""A headless Chromium driven over its debugging pipe: open a page, wait for its figures, ask it things."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
FLAGS += ["--remote-debugging-pipe"]
START = """  # the browser reads commands from descriptor 3 and answers on 4
import fcntl, os, sys
read, write = (fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3])
os.dup2(read, 3)
os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
DRAWN = "document.body.dataset.drawn !== undefined"


def chromium() -> str | None:
    """The browser of this machine, if it has one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one page; messages go through a pair of pipes, ended by a zero byte."""

    def __init__(self, write: int, read: int) -> None:
        self.out, self.into = os.fdopen(write, "wb", 0), os.fdopen(read, "rb", 0)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; events that come before it are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def receive(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            piece = self.into.read(65536)
            if not piece:
                raise RuntimeError("the browser closed its pipe")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, page: Path, width: int = 1200, dark: bool = False) -> None:
        """Open a file and wait until its figures are drawn."""
        self.events.clear()
        self.wear(width, dark)
        url = page.resolve().as_uri()
        self.ask("Page.navigate", url=url)
        for _ in range(5):  # the document that is asked may be the one that is being left
            with contextlib.suppress(RuntimeError):
                here = f"location.href === {json.dumps(url)} && document.readyState === 'complete'"
                return self.wait(f"{here} && {DRAWN}")
        raise RuntimeError(f"{page}: its figures were not drawn")

    def dress(self, width: int, dark: bool) -> None:
        """Turn the open page light or dark at another width, and wait until its figures are drawn again."""
        self.value("delete document.body.dataset.drawn")
        self.wear(width, dark)
        self.wait(DRAWN)

    def wear(self, width: int, dark: bool) -> None:
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=scheme)

    def wait(self, condition: str, seconds: int = 120) -> None:
        """Wait until an expression of the page is true."""
        self.value(
            f"""new Promise((done, fail) => {{
            const until = Date.now() + {seconds}000;
            const look = () => ({condition}) ? done(true)
                : Date.now() > until ? fail(new Error("waited in vain")) : setTimeout(look, 30);
            look(); }})"""
        )

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page."""
        found = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:500])
        return found["result"].get("value")

    def errors(self) -> list[str]:
        """What the page wrote to the console as an error or threw, and every request that left the file."""
        said = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                said.append(json.dumps(params["exceptionDetails"])[:400])
            if event.get("method") == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                said.append(json.dumps(params["args"])[:400])
            if event.get("method") == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                said.append(params["entry"]["text"])
        return said

    def picture(self, path: Path, height: int | None = None) -> None:
        """A picture of the whole page, or of its upper part."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], height or 1e9), "scale": 1}
        shot = self.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextlib.contextmanager
def browsing(program: str) -> Iterator[Browser]:
    """A browser with a profile of its own, gone at the end."""
    to_child, write = os.pipe()
    read, from_child = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}"]
        child = subprocess.Popen(
            [sys.executable, "-c", START, str(to_child), str(from_child), *command],
            pass_fds=(to_child, from_child),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        browser = None
        try:
            browser = Browser(write, read)
            yield browser
        finally:
            if browser:
                browser.session = None
                with contextlib.suppress(Exception):
                    browser.ask("Browser.close")
                browser.out.close()
                browser.into.close()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
