"""A working day of two phones and a real server, from Python with nothing but its standard library.

A grid worker and the lead of her community enrol, work on the same case without a network, sync in turn and see each
other's work; wrong codes and illegal steps are refused with their codes; a killed server loses nothing; an agreement is
drawn on the pad, sealed, carried to the other phone and verified there. Exits non-zero when anything is not as it says.

    DOORSTEP_PROGRAM=target/debug/doorstep PYTHONPATH=bindings/python python3 bindings/python/tests/two_phones.py
"""

import datetime
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import doorstep
from doorstep import DoorstepError, Lang

PROGRAM = os.environ.get("DOORSTEP_PROGRAM") or sys.exit("set DOORSTEP_PROGRAM to the doorstep program")
START_MAX_S = 20  # a server that needs longer on an idle machine has a problem
BEGAN = time.monotonic()


def say(text):
    print(f"{time.monotonic() - BEGAN:5.1f} s  {text}", flush=True)


def equal(got, wanted, what):
    """Plain asserts vanish under -O; this one never does."""
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def refused(kind, code, call, *arguments):
    """The call must fail with this kind of error and this permanent code."""
    try:
        call(*arguments)
    except kind as error:
        equal(error.code, code, "the error's code")
        if not error.sentence:
            raise AssertionError(f"{code} has no sentence")
        return error.with_traceback(None)  # it holds on to the phone, and so to the phone's folder
    raise AssertionError(f"nothing was refused; {code} was expected")


class Server:
    """The real program, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0
        self.process = None
        place = folder / "place.toml"
        place.write_text(self.admin("sample"), encoding="utf-8")
        self.admin("init", "--data", folder / "data", "--from", place)
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
        command = [PROGRAM, "serve", "--data", self.folder / "data", "--listen", listen, "--port-file", port_file, *more]
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
        said = self.admin("enrol", person, "--data", self.folder / "data", "--server", address or self.address)
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


class OwnTransport(doorstep.Transport):
    """A host's own HTTP client, as a phone may bring one: here the standard library's."""

    def __init__(self, address):
        self.address = address
        self.sent = 0

    def send(self, request):
        self.sent += 1
        wanted = urllib.request.Request(
            self.address + request.path,
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

    def pause(self, ms):
        time.sleep(ms / 1000)


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


def sync(phone, code="done"):
    report = phone.sync()
    equal(report.code, code, "how the sync ended")
    return report


def same_everywhere(case_id, *phones):
    digests = {phone.digest(case_id) for phone in phones}
    equal(len(digests), 1, "different digests of one case")


def day(folder, server):
    # --- In ---------------------------------------------------------------------------------------------------------
    worker = doorstep.Device.open(str(folder / "worker"), Lang.EN)
    lead = doorstep.Device.open(str(folder / "lead"), Lang.ZH)
    equal(worker.enrolled(), None, "a new phone's enrolment")
    refused(DoorstepError.Enrolment, "not_enrolled", worker.sync)

    wrong = refused(DoorstepError.Enrolment, "code_wrong", worker.enrol, "000000000a", "phone", server.address)
    say(f"a wrong enrolment code is refused: {wrong.code}: {wrong.sentence}")
    code = server.invitation("w-ncg-1")
    me = worker.enrol(code, "worker's phone")
    equal(me.person, "w-ncg-1", "whose phone it is")
    transport = OwnTransport(server.address)
    used = refused(DoorstepError.Enrolment, "code_used", lead.enrol, code, "lead's phone")
    lead.enrol_through(transport, server.invitation("lead-ncg"), "lead's phone")
    say(f"two phones are enrolled; a code works once: {used.code}: {used.sentence}")

    sync(worker)
    report = lead.sync_through(transport)
    equal(report.code, "done", "a sync through the host's own client")
    directory = worker.directory()
    equal((directory.name, lead.directory().version), ("广武门街道", directory.version), "the directory")
    names = {person.id: person.name for person in directory.people}
    say(f"both have the directory: {len(directory.orgs)} orgs, {len(directory.people)} people "
        f"(the lead's through Python's own HTTP client, {transport.sent} requests)")

    # --- Offline, both ------------------------------------------------------------------------------------------------
    place = doorstep.Place(community="nanchenggen", grid="ncg-1", detail="3单元502")
    case = worker.report(doorstep.Report(
        channel=doorstep.Channel.IN_PERSON,
        title="卫生间漏水",
        place=place,
        category="房屋漏水",
        account="楼上卫生间漏水，周日起加重。",
        reporter=doorstep.Reporter(name="张某"),
    ))
    equal(case.stage, doorstep.Stage.RECEIVED, "a new case's stage")
    visit = worker.record_visit(doorstep.Visit(place=place, door=doorstep.Door.MET, seen="墙面渗水", asked="尽快修"))
    named = worker.report_from_visit(visit.id, doorstep.Report(
        channel=doorstep.Channel.VISIT, title="楼道灯不亮", place=place, category="公共设施", account="三楼楼道灯坏了。",
    ))
    equal(worker.visit_view(visit.id).cases, [named.id], "the case that came of the visit")
    equal(worker.pending().waiting, 4, "changes that wait")
    early = refused(DoorstepError.Refused, "wrong_stage", worker.check_effect, case.id, "看过")
    refused(DoorstepError.Refused, "not_allowed", worker.close_case, case.id)
    nobody = refused(DoorstepError.Input, "not_an_id", worker.assign, case.id, "王敏")
    refused(DoorstepError.Storage, "not_found", lead.case_view, case.id)
    equal(worker.pending().waiting, 4, "changes that wait after refusals")
    say(f"the worker reports and visits offline; refused: {early.code} ({early.sentence}), {nobody.code}")

    sync(worker)
    equal(sync(lead).documents, 3, "documents that came to the lead")
    equal(lead.case_view(case.id).title, "卫生间漏水", "the case on the lead's phone")
    equal(lead.visit_view(visit.id).seen, "墙面渗水", "the visit on the lead's phone")

    # Both now work on the one case without a network, each without knowing of the other.
    worker.open_consultation(case.id, doorstep.Form.AT_HOME, doorstep.Elements(what="谁来修，谁出钱"))
    worker.edit_text(case.id, doorstep.TextName.ACCOUNT, "楼上卫生间漏水，周日起加重。楼下次卧天花板已湿。")
    lead.assign(case.id, "w-ncg-1")
    lead.note(case.id, "请片区民警一同到场。")
    lead.add_line(visit.id, "已联系物业。")
    equal((worker.pending().waiting, lead.pending().waiting), (2, 3), "changes that wait on each")
    for phone in (worker, lead, worker):
        sync(phone)
    seen = worker.case_view(case.id)
    equal(seen.assignee, "w-ncg-1", "the lead's assignment on the worker's phone")
    if not any(line.text.endswith("请片区民警一同到场。") and line.by == "lead-ncg" for line in seen.history):
        raise AssertionError("the lead's note is not in the worker's history")
    equal(lead.case_view(case.id).stage, doorstep.Stage.CONSULTING, "the worker's consultation on the lead's phone")
    equal(lead.text(case.id, doorstep.TextName.ACCOUNT).count("天花板"), 1, "the worker's typing on the lead's phone")
    equal(worker.visit_view(visit.id).history[-1].by_name, names["lead-ncg"], "who added to the visit")
    same_everywhere(case.id, worker, lead)
    same_everywhere(visit.id, worker, lead)
    say("both worked on one case offline, synced in turn, and see each other's work; digests are equal")

    a_recording(worker, lead, case.id)

    # --- The server dies ----------------------------------------------------------------------------------------------
    server.kill()
    missing = refused(DoorstepError.Refused, "elements_missing", worker.conclude_agreed, case.id, doorstep.Elements())
    worker.conclude_agreed(case.id, doorstep.Elements(
        who=[doorstep.Participant(name="张某", capacity="业主"), doorstep.Participant(name="李某", capacity="业主")],
        when_ms=worker.now_ms(), place="502室", why="民法典相邻关系",
    ))
    report = sync(worker, "unreachable")
    equal(report.done, False, "whether it is done")
    equal(worker.pending().waiting, 1, "what waits after a sync in vain")
    del worker, phone  # the last references: releases the folder, as the end of an app does
    worker = doorstep.Device.open(str(folder / "worker"), Lang.EN)
    equal(worker.case_view(case.id).stage, doorstep.Stage.AGREED, "the case after the phone was opened again")
    say(f"refused: {missing.code} {missing.about}; the server is killed: {report.code}, again in {report.again_in_ms} ms; "
        f"nothing is lost: {worker.pending().waiting} change waits")
    server.start()
    equal(sync(worker).stored, 1, "what the server took after it came back")
    equal(worker.pending().waiting, 0, "what waits then")

    # --- Signatures ---------------------------------------------------------------------------------------------------
    due = (datetime.date.today() + datetime.timedelta(days=14)).isoformat()
    worker.draft_agreement(case.id, doorstep.Draft(
        parties=[doorstep.Party(name=name, kind=doorstep.PartyKind.RESIDENT()) for name in ("张某", "李某")],
        facts="502室卫生间漏水，402室次卧天花板受损。",
        terms="李某修好防水并恢复天花板。",
        commitments=[doorstep.Commitment(party="李某", deed="重做防水，粉刷天花板", due=due)],
        dispute=doorstep.DisputeKind.ORDINARY,
    ))
    pad = worker.freeze(case.id)
    equal([one.name for one in pad.missing][:2], ["张某", "李某"], "who signs first")
    refused(DoorstepError.Signing, "out_of_turn", worker.sign, case.id, signing(doorstep.SignerRole.WITNESS, "王敏"))
    worker.sign(case.id, signing(doorstep.SignerRole.PARTY, "张某"))
    refused(DoorstepError.Signing, "signature_missing", worker.seal, case.id)
    dot = signing(doorstep.SignerRole.PARTY, "李某")
    dot.strokes = [[doorstep.StrokePoint(x=5, y=5)]]
    refused(DoorstepError.Input, "drawing_empty", worker.sign, case.id, dot)
    worker.sign(case.id, signing(doorstep.SignerRole.PARTY, "李某"))
    me = names["w-ncg-1"]
    pad = worker.sign(case.id, signing(doorstep.SignerRole.WITNESS, me, capacity="网格员", own_key=True))
    equal(pad.missing, [], "who must still sign")
    sealed = worker.seal(case.id)
    verification = doorstep.verify_agreement(sealed.bytes, Lang.EN)
    equal((verification.holds, verification.case_id), (True, case.id), "the sealed agreement")
    equal([one.name for one in verification.signers], ["张某", "李某", me], "who signed")
    altered = bytearray(sealed.bytes)
    altered[len(altered) // 2] ^= 1
    equal(doorstep.verify_agreement(bytes(altered), Lang.EN).holds, False, "an altered agreement")
    equal(verification.check_number, sealed.check_number.replace(" ", ""), "the check number")
    say(f"three signatures are drawn and sealed: {sealed.check_number}, {len(sealed.bytes)} bytes; it holds; "
        "with one bit turned it does not")

    sync(worker), sync(lead)
    agreement = lead.case_view(case.id).agreement
    equal(agreement.check_number, sealed.check_number.replace(" ", ""), "the agreement on the lead's phone")
    equal(lead.bundle(agreement.bundle), None, "the bundle on the lead's phone before it is asked for")
    equal(lead.fetch_bundle(agreement.bundle), sealed.bytes, "the bundle from the server")
    equal(doorstep.verify_agreement(lead.bundle(agreement.bundle)).holds, True, "the agreement that came from the server")
    worker.fulfil_commitment(case.id, 0, "防水已做，天花板已粉刷。")
    refused(DoorstepError.Refused, "no_commitment", worker.fulfil_commitment, case.id, 7, "没有这一条")
    sync(worker), sync(lead)
    lead.complete(case.id, "已修好。")
    sync(lead), sync(worker)
    worker.check_effect(case.id, "现场查看，不再渗水。")
    for party in ("张某", "李某"):
        worker.record_feedback(case.id, party, doorstep.Grade.SATISFIED, doorstep.Asked.IN_PERSON, "满意")
    sync(worker), sync(lead)
    closed = lead.close_case(case.id)
    equal(closed.stage, doorstep.Stage.CLOSED, "the case at the end of the day")
    sync(lead), sync(worker)
    same_everywhere(case.id, worker, lead)
    signed = worker.rows(doorstep.RowQuery(kind=doorstep.DocKind.CASE, stage="closed"))
    equal([(row.id, row.signed) for row in signed.rows], [(case.id, True)], "closed cases in the worker's list")
    page = worker.rows(doorstep.RowQuery(kind=doorstep.DocKind.CASE, limit=1))
    rest = worker.rows(doorstep.RowQuery(kind=doorstep.DocKind.CASE, limit=5, after=page.next))
    equal({row.id for row in page.rows + rest.rows}, {case.id, named.id}, "two pages of the list")
    equal(rest.next, None, "what follows the last page")
    equal((worker.pending().waiting, lead.pending().waiting, worker.pending().set_aside), (0, 0, 0), "what waits")
    say("fulfilled, completed, checked, asked and closed; both phones agree and nothing waits")
    a_day(folder, worker, named, place)


def a_recording(worker, lead, case_id):
    """Kept offline, sent after the text, fetched by somebody else; what is no recording is refused."""
    sound = b"RIFF" + (4_000).to_bytes(4, "little") + b"WAVEfmt " + bytes(range(256)) * 16
    page = refused(DoorstepError.Input, "attachment_type", worker.attach, case_id, b"<html>")
    view = worker.attach(case_id, sound, "说明经过的录音")
    equal(view.id, case_id, "the case it is attached to")
    name = hashlib.sha256(sound).hexdigest()
    equal([one.digest for one in worker.attachments(case_id)], [name], "its name")
    waiting = worker.pending()
    equal((waiting.attachments_waiting, waiting.attachment_bytes_waiting), (1, len(sound)), "what waits")
    sync(worker)
    sync(lead)
    named = lead.attachments(case_id)[0]
    equal((named.here, named.caption), (False, "说明经过的录音"), "the lead knows of it before it came")
    early = lead.fetch_attachment(case_id, name)
    equal((early.fetched, early.refused + early.later), (0, 1), "what the server does not have yet")
    sent = worker.sync_attachments(False)
    equal((sent.code, sent.stored, worker.pending().attachments_waiting), ("done", 1, 0), "the upload")
    got = lead.fetch_attachment(case_id, name)
    equal((got.code, got.fetched, lead.attachment_bytes(name)), ("done", 1, sound), "what the lead got")
    say(f"a recording of {len(sound)} bytes went after its case ({page.code}: {page.sentence})")


def a_day(folder, worker, named, place):
    """Doors, the day, what can be done now, search, likely duplicates, a ledger: what a screen asks for."""
    home = worker.register_household(place)
    home = worker.record_resident(home.id, doorstep.Resident(name="赵玉兰", phone="13800001111", tags=["独居老人"]))
    equal([resident.name for resident in home.residents], ["赵玉兰"], "who lives there")
    equal(worker.household_at(place), home.id, "the record of the address")
    worker.visit_household(home.id, doorstep.Door.MET, True, "一切都好")
    stop, = worker.route()
    equal((stop.household, stop.tags, stop.last_door), (home.id, ["独居老人"], doorstep.Door.MET), "the route")
    covered, = worker.coverage("2020-01-01")
    equal((covered.households, covered.visited), (1, 1), "the grid's coverage")

    day = worker.day()
    equal([section.name for section in day.sections][:2], ["overdue", "due_today"], "the parts of a day")
    offers = {offer.command: offer for offer in worker.offers(named.id)}
    equal(offers["open_consultation"].now, True, "sitting down over a new case")
    equal(offers["check_effect"].now, False, "checking the effect of nothing")

    found = worker.search("楼道")
    equal([hit.row.id for hit in found.hits], [named.id], "what a search finds")
    equal("".join(span.text for span in found.hits[0].title if span.hit), "楼道", "what is marked")
    equal([hit.row.id for hit in worker.search("zyl").hits], [home.id], "a name by its pinyin initials")
    again = doorstep.Report(
        channel=doorstep.Channel.PHONE, title="灯又坏了", place=place, category="公共设施", account="还是那盏灯。")
    alike, = worker.likely_duplicates(again)
    equal((alike.row.id, sorted(alike.why)), (named.id, ["same_category", "same_place"]), "a likely duplicate")

    equal("cases" in {ledger.id for ledger in worker.ledgers()}, True, "the ledgers")
    out = folder / "cases.csv"
    exported = worker.export_ledger("cases", doorstep.LedgerFormat.CSV, str(out))
    equal((exported.lines, exported.unreadable), (2, 0), "lines of a ledger")
    equal(out.read_bytes()[:3], b"\xef\xbb\xbf", "the byte order mark")
    sync(worker)
    equal(worker.pending().waiting, 0, "what waits after a day")
    say("a door, the route, the day, a search, a likely duplicate and a ledger")


def trial(folder, server):
    """The same server with a certificate that it made itself, as in a trial on a local network."""
    server.stop()
    server.start("--self-signed")
    certificate = (folder / "data" / "tls-certificate.pem").read_text()
    phone = doorstep.Device.open(str(folder / "trial"), Lang.EN)
    code = server.invitation("w-ncg-2", server.encrypted_address)
    untrusted = refused(DoorstepError.Network, "untrusted", phone.enrol, code, "trial phone")
    refused(DoorstepError.Network, "bad_certificate", phone.enrol, code, "trial phone", None, "no certificate")
    phone.enrol(code, "trial phone", roots_pem=certificate)
    sync(phone)
    del phone
    phone = doorstep.Device.open(str(folder / "trial"), Lang.EN)
    sync(phone)
    say(f"a self-signed certificate is refused ({untrusted.code}) until it is given; then it is remembered")


def main():
    with tempfile.TemporaryDirectory(prefix="doorstep-") as name:
        folder = pathlib.Path(name)
        server = Server(folder)
        try:
            day(folder, server)
            trial(folder, server)
        except BaseException:
            print((folder / "server.log").read_text(errors="replace")[-4000:], file=sys.stderr)
            raise
        finally:
            server.stop()
    say("all as it should be")


if __name__ == "__main__":
    main()
