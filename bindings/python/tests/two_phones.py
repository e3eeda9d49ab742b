"""A working day of two phones and a real server, from Python with nothing but its standard library.

A grid worker and the lead of her community enrol, work on the same case without a network, sync in turn and see each
other's work; wrong codes and illegal steps are refused with their codes; a killed server loses nothing; an agreement is
drawn on the pad, sealed, carried to the other phone and verified there. Exits non-zero when anything is not as it says.

    DOORSTEP_PROGRAM=target/debug/doorstep PYTHONPATH=bindings/python python3 bindings/python/tests/two_phones.py
"""

import asyncio
import datetime
import hashlib
import pathlib
import sys
import tempfile

import doorstep
from doorstep import DoorstepError, Lang
from harness import Heard, OwnTransport, Server, equal, refused, same_everywhere, say, signing, sync


async def day(folder, server):
    # --- In ---------------------------------------------------------------------------------------------------------
    worker = await doorstep.Device.open(str(folder / "worker"), Lang.EN)
    transport = OwnTransport()
    lead = await doorstep.Device.open(str(folder / "lead"), Lang.ZH, doorstep.DeviceOptions(transport=transport))
    heard = Heard()
    observation = lead.observe(heard)
    equal(worker.enrolled(), None, "a new phone's enrolment")
    await refused(DoorstepError.Enrolment, "not_enrolled", worker.sync)

    wrong = await refused(DoorstepError.Enrolment, "code_wrong", worker.enrol, "000000000a", "phone", server.address)
    say(f"a wrong enrolment code is refused: {wrong.code}: {wrong.sentence}")
    code = server.invitation("w-ncg-1")
    me = await worker.enrol(code, "worker's phone")
    equal(me.person, "w-ncg-1", "whose phone it is")
    used = await refused(DoorstepError.Enrolment, "code_used", lead.enrol, code, "lead's phone")
    await lead.enrol(server.invitation("lead-ncg"), "lead's phone")
    say(f"two phones are enrolled; a code works once: {used.code}: {used.sentence}")

    await sync(worker)
    report = await lead.sync()
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
    early = await refused(DoorstepError.Refused, "wrong_stage", worker.check_effect, case.id, "看过")
    await refused(DoorstepError.Refused, "not_allowed", worker.close_case, case.id)
    nobody = await refused(DoorstepError.Input, "not_an_id", worker.assign, case.id, "王敏")
    await refused(DoorstepError.Storage, "not_found", lead.case_view, case.id)
    equal(worker.pending().waiting, 4, "changes that wait after refusals")
    say(f"the worker reports and visits offline; refused: {early.code} ({early.sentence}), {nobody.code}")

    await sync(worker)
    equal((await sync(lead)).documents, 3, "documents that came to the lead")
    equal(lead.case_view(case.id).title, "卫生间漏水", "the case on the lead's phone")
    await heard.until(lambda news: news.is_CHANGED() and case.id in news.ids)
    await heard.until(lambda news: news.is_PROGRESS() and news.progress.phase == doorstep.SyncPhase.ENDED)
    observation.end()
    del heard, observation
    equal(lead.visit_view(visit.id).seen, "墙面渗水", "the visit on the lead's phone")

    # Both now work on the one case without a network, each without knowing of the other.
    worker.open_consultation(case.id, doorstep.Form.AT_HOME, doorstep.Elements(what="谁来修，谁出钱"))
    worker.edit_text(case.id, doorstep.TextName.ACCOUNT, "楼上卫生间漏水，周日起加重。楼下次卧天花板已湿。")
    lead.assign(case.id, "w-ncg-1")
    lead.note(case.id, "请片区民警一同到场。")
    lead.add_line(visit.id, "已联系物业。")
    equal((worker.pending().waiting, lead.pending().waiting), (2, 3), "changes that wait on each")
    for phone in (worker, lead, worker):
        await sync(phone)
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

    await a_recording(worker, lead, case.id)

    # --- The server dies ----------------------------------------------------------------------------------------------
    server.kill()
    missing = await refused(DoorstepError.Refused, "elements_missing", worker.conclude_agreed, case.id, doorstep.Elements())
    worker.conclude_agreed(case.id, doorstep.Elements(
        who=[doorstep.Participant(name="张某", capacity="业主"), doorstep.Participant(name="李某", capacity="业主")],
        when_ms=worker.now_ms(), place="502室", why="民法典相邻关系",
    ))
    called_off = doorstep.Cancellation()
    called_off.cancel()
    equal((await worker.sync(None, called_off)).code, "cancelled", "a sync that was called off")
    report = await sync(worker, "unreachable")
    equal(report.done, False, "whether it is done")
    equal(worker.pending().waiting, 1, "what waits after a sync in vain")
    del worker, phone  # the last references: releases the folder, as the end of an app does
    worker = await doorstep.Device.open(str(folder / "worker"), Lang.EN)
    equal(worker.case_view(case.id).stage, doorstep.Stage.AGREED, "the case after the phone was opened again")
    say(f"refused: {missing.code} {missing.about}; the server is killed: {report.code}, again in {report.again_in_ms} ms; "
        f"nothing is lost: {worker.pending().waiting} change waits")
    server.start()
    equal((await sync(worker)).stored, 1, "what the server took after it came back")
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
    await refused(DoorstepError.Signing, "out_of_turn", worker.sign, case.id, signing(doorstep.SignerRole.WITNESS, "王敏"))
    await worker.sign(case.id, signing(doorstep.SignerRole.PARTY, "张某"))
    await refused(DoorstepError.Signing, "signature_missing", worker.seal, case.id)
    dot = signing(doorstep.SignerRole.PARTY, "李某")
    dot.strokes = [[doorstep.StrokePoint(x=5, y=5)]]
    await refused(DoorstepError.Input, "drawing_empty", worker.sign, case.id, dot)
    await worker.sign(case.id, signing(doorstep.SignerRole.PARTY, "李某"))
    me = names["w-ncg-1"]
    pad = await worker.sign(case.id, signing(doorstep.SignerRole.WITNESS, me, capacity="网格员", own_key=True))
    equal(pad.missing, [], "who must still sign")
    sealed = await worker.seal(case.id)
    verification = await doorstep.verify_agreement(sealed.bytes, Lang.EN)
    equal((verification.holds, verification.case_id), (True, case.id), "the sealed agreement")
    equal([one.name for one in verification.signers], ["张某", "李某", me], "who signed")
    altered = bytearray(sealed.bytes)
    altered[len(altered) // 2] ^= 1
    equal((await doorstep.verify_agreement(bytes(altered), Lang.EN)).holds, False, "an altered agreement")
    equal(verification.check_number, sealed.check_number.replace(" ", ""), "the check number")
    say(f"three signatures are drawn and sealed: {sealed.check_number}, {len(sealed.bytes)} bytes; it holds; "
        "with one bit turned it does not")

    await sync(worker), await sync(lead)
    agreement = lead.case_view(case.id).agreement
    equal(agreement.check_number, sealed.check_number.replace(" ", ""), "the agreement on the lead's phone")
    equal(lead.bundle(agreement.bundle), None, "the bundle on the lead's phone before it is asked for")
    equal(await lead.fetch_bundle(agreement.bundle), sealed.bytes, "the bundle from the server")
    equal((await doorstep.verify_agreement(lead.bundle(agreement.bundle))).holds, True, "the agreement that came from the server")
    worker.fulfil_commitment(case.id, 0, "防水已做，天花板已粉刷。")
    await refused(DoorstepError.Refused, "no_commitment", worker.fulfil_commitment, case.id, 7, "没有这一条")
    await sync(worker), await sync(lead)
    lead.complete(case.id, "已修好。")
    await sync(lead), await sync(worker)
    worker.check_effect(case.id, "现场查看，不再渗水。")
    for party in ("张某", "李某"):
        worker.record_feedback(case.id, party, doorstep.Grade.SATISFIED, doorstep.Asked.IN_PERSON, "满意")
    await sync(worker), await sync(lead)
    closed = lead.close_case(case.id)
    equal(closed.stage, doorstep.Stage.CLOSED, "the case at the end of the day")
    await sync(lead), await sync(worker)
    same_everywhere(case.id, worker, lead)
    signed = worker.rows(doorstep.RowQuery(kind=doorstep.DocKind.CASE, stage="closed"))
    equal([(row.id, row.signed) for row in signed.rows], [(case.id, True)], "closed cases in the worker's list")
    page = worker.rows(doorstep.RowQuery(kind=doorstep.DocKind.CASE, limit=1))
    rest = worker.rows(doorstep.RowQuery(kind=doorstep.DocKind.CASE, limit=5, after=page.next))
    equal({row.id for row in page.rows + rest.rows}, {case.id, named.id}, "two pages of the list")
    equal(rest.next, None, "what follows the last page")
    equal((worker.pending().waiting, lead.pending().waiting, worker.pending().set_aside), (0, 0, 0), "what waits")
    say("fulfilled, completed, checked, asked and closed; both phones agree and nothing waits")
    await a_day(folder, worker, named, place)


async def a_recording(worker, lead, case_id):
    """Kept offline, sent after the text, fetched by somebody else; what is no recording is refused."""
    sound = b"RIFF" + (4_000).to_bytes(4, "little") + b"WAVEfmt " + bytes(range(256)) * 16
    page = await refused(DoorstepError.Input, "attachment_type", worker.attach, case_id, b"<html>")
    view = await worker.attach(case_id, sound, "说明经过的录音")
    equal(view.id, case_id, "the case it is attached to")
    name = hashlib.sha256(sound).hexdigest()
    equal([one.digest for one in worker.attachments(case_id)], [name], "its name")
    waiting = worker.pending()
    equal((waiting.attachments_waiting, waiting.attachment_bytes_waiting), (1, len(sound)), "what waits")
    await sync(worker)
    await sync(lead)
    named = lead.attachments(case_id)[0]
    equal((named.here, named.caption), (False, "说明经过的录音"), "the lead knows of it before it came")
    early = await lead.fetch_attachment(case_id, name)
    equal((early.fetched, early.refused + early.later), (0, 1), "what the server does not have yet")
    sent = await worker.sync_attachments(False)
    equal((sent.code, sent.stored, worker.pending().attachments_waiting), ("done", 1, 0), "the upload")
    got = await lead.fetch_attachment(case_id, name)
    equal((got.code, got.fetched, await lead.attachment_bytes(name)), ("done", 1, sound), "what the lead got")
    say(f"a recording of {len(sound)} bytes went after its case ({page.code}: {page.sentence})")


async def a_day(folder, worker, named, place):
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
    exported = await worker.export_ledger("cases", doorstep.LedgerFormat.CSV, str(out))
    equal((exported.lines, exported.unreadable), (2, 0), "lines of a ledger")
    equal(out.read_bytes()[:3], b"\xef\xbb\xbf", "the byte order mark")
    await sync(worker)
    equal(worker.pending().waiting, 0, "what waits after a day")
    say("a door, the route, the day, a search, a likely duplicate and a ledger")


async def trial(folder, server):
    """The same server with a certificate that it made itself, as in a trial on a local network."""
    server.stop()
    server.start("--self-signed")
    certificate = (folder / "data" / "tls-certificate.pem").read_text()
    phone = await doorstep.Device.open(str(folder / "trial"), Lang.EN)
    code = server.invitation("w-ncg-2", server.encrypted_address)
    untrusted = await refused(DoorstepError.Network, "untrusted", phone.enrol, code, "trial phone")
    await refused(DoorstepError.Network, "bad_certificate", phone.enrol, code, "trial phone", None, "no certificate")
    await phone.enrol(code, "trial phone", roots_pem=certificate)
    await sync(phone)
    del phone
    phone = await doorstep.Device.open(str(folder / "trial"), Lang.EN)
    await sync(phone)
    say(f"a self-signed certificate is refused ({untrusted.code}) until it is given; then it is remembered")


def main():
    with tempfile.TemporaryDirectory(prefix="doorstep-") as name:
        folder = pathlib.Path(name)
        server = Server(folder)
        try:
            asyncio.run(day(folder, server))
            asyncio.run(trial(folder, server))
        except BaseException:
            print((folder / "server.log").read_text(errors="replace")[-4000:], file=sys.stderr)
            raise
        finally:
            server.stop()
    say("all as it should be")


if __name__ == "__main__":
    main()
