"""What the tests share: a real server in a folder of its own, a host's own HTTP client, a listener, ink.

It needs nothing but Python and the `doorstep` program, named by DOORSTEP_PROGRAM.
"""

import asyncio
import hashlib
import inspect
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import doorstep

PROGRAM = os.environ.get("DOORSTEP_PROGRAM") or sys.exit("set DOORSTEP_PROGRAM to the doorstep program")
START_MAX_S = 20  # a server that needs longer on an idle machine has a problem
NEWS_MAX_S = 60  # news takes milliseconds; this is for a machine that does much else
BEGAN = time.monotonic()


def say(text):
    print(f"{time.monotonic() - BEGAN:5.1f} s  {text}", flush=True)


def equal(got, wanted, what):
    """Plain asserts vanish under -O; this one never does."""
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


async def refused(kind, code, call, *arguments):
    """The call must fail with this kind of error and this permanent code."""
    try:
        answer = call(*arguments)
        if inspect.isawaitable(answer):
            await answer
    except kind as error:
        equal(error.code, code, "the error's code")
        if not error.sentence:
            raise AssertionError(f"{code} has no sentence")
        return error.with_traceback(None)  # it holds on to the phone, and so to the phone's folder
    raise AssertionError(f"nothing was refused; {code} was expected")


class Server:
    """The real program, in a folder of its own."""

    def __init__(self, folder):
        self.folder, self.data = folder, folder / "data"
        self.port = 0
        self.process = None
        place = folder / "place.toml"
        place.write_text(self.admin("sample"), encoding="utf-8")
        self.admin("init", "--data", self.data, "--from", place)
        self.start()

    def admin(self, *arguments):
        done = subprocess.run(
            [PROGRAM, "--lang", "en", "admin", *map(str, arguments)], capture_output=True, encoding="utf-8", timeout=60
        )
        if done.returncode != 0:
            raise AssertionError(f"doorstep admin {arguments[0]}: {done.stderr}")
        return done.stdout

    def start(self, *more):
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        listen = f"127.0.0.1:{self.port}"  # after a kill on the same port: phones know no other
        command = [PROGRAM, "serve", "--data", self.data, "--listen", listen, "--port-file", port_file, *more]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + START_MAX_S
        while time.monotonic() < until and self.process.poll() is None:
            if port_file.exists() and (text := port_file.read_text().strip()):
                self.port = int(text)
                return
            time.sleep(0.02)
        raise AssertionError("the server did not start:\n" + (self.folder / "server.log").read_text(errors="replace"))

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def encrypted_address(self):
        return f"https://127.0.0.1:{self.port}"

    def invitation(self, person, address=None):
        """What the QR code says."""
        said = self.admin("enrol", person, "--data", self.data, "--server", address or self.address)
        return re.search(r"doorstep://\S+", said).group()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()


class OwnTransport(doorstep.HttpTransport):
    """A host's own HTTP client, as a phone may bring one: here the standard library's."""

    def __init__(self):
        self.sent = 0

    def send(self, request):
        self.sent += 1
        wanted = urllib.request.Request(
            request.url,
            data=request.body if request.method == "POST" else None,
            headers={header.name: header.value for header in request.headers},
            method=request.method,
        )
        try:
            answer = urllib.request.urlopen(wanted, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error  # every status is an answer
        except OSError as error:
            raise doorstep.TransportFailure.Unreachable() from error
        with answer:
            body = answer.read(request.answer_max + 1)
            headers = [doorstep.HttpHeader(name=name, value=value) for name, value in answer.headers.items()]
            whole = len(body) <= request.answer_max
            return doorstep.HttpResponse(status=answer.status, headers=headers, body=body, whole=whole)


class OwnKey(doorstep.Signer):
    """A key of the host's, as a phone has one in its chip: ECDSA with P-256 (FIPS 186-5), in slow plain Python and for tests alone.

    `mood` is called before each signature, and may throw or hang.
    """

    P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
    N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
         0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)

    def __init__(self, mood=lambda: None):
        self.mood, self.signed = mood, 0
        self.secret = 1 + secrets.randbelow(self.N - 1)

    def public_key(self):
        x, y = self.times(self.secret, self.G)
        return b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")

    def sign(self, message):
        self.mood()
        self.signed += 1
        k = 1 + secrets.randbelow(self.N - 1)
        r = self.times(k, self.G)[0] % self.N
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        s = pow(k, -1, self.N) * (digest + r * self.secret) % self.N
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def times(self, k, point):
        total = None
        while k:
            if k & 1:
                total = self.plus(total, point)
            point, k = self.plus(point, point), k >> 1
        return total

    def plus(self, a, b):
        if a is None or b is None:
            return a or b
        if a[0] == b[0] and a[1] != b[1]:
            return None
        if a == b:
            slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, self.P)
        else:
            slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, self.P)
        x = (slope * slope - a[0] - b[0]) % self.P
        return x, (slope * (a[0] - x) - a[1]) % self.P


class Heard(doorstep.Listener):
    """Keeps what it hears; it is called on a thread of the library's."""

    def __init__(self):
        self.news = []

    def heard(self, news):
        self.news.append(news)

    async def until(self, wanted):
        """Waits until something that is wanted was heard."""
        until = time.monotonic() + NEWS_MAX_S
        while not any(wanted(news) for news in self.news):
            if time.monotonic() > until:
                raise AssertionError(f"not heard; only {self.news}")
            await asyncio.sleep(0.01)


def strokes(name):
    """Ink for a name: a few curves that differ with the name, as a pad would report them."""
    drawn = []
    for place, character in enumerate(name):
        seed = hashlib.sha256(f"{name}{place}{character}".encode()).digest()
        for stroke in range(3):
            a, b, bend = seed[3 * stroke], seed[3 * stroke + 1], seed[3 * stroke + 2]
            points = []
            for step in range(12):
                x = 40 + 300 * place + a + step * 4
                y = 40 + b / 2 + stroke * 30 + bend / 64 * (step - 6) ** 2 / 6
                points.append(doorstep.StrokePoint(x=x, y=y))
            drawn.append(points)
    return drawn


def signing(role, name, **more):
    return doorstep.Signing(
        role=role,
        name=name,
        identity=doorstep.Identity.KNOWN,
        shown_ms=45_000,
        read_aloud=True,
        width=1500,
        height=400,
        strokes=strokes(name),
        **more,
    )


async def sync(phone, code="done"):
    report = await phone.sync()
    equal(report.code, code, "how the sync ended")
    return report


def same_everywhere(case_id, *phones):
    digests = {phone.digest(case_id) for phone in phones}
    equal(len(digests), 1, "different digests of one case")
