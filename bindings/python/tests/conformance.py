"""Runs bindings/conformance/scenario.json: the same steps, refusals and state digests as in every other language.

    DOORSTEP_PROGRAM=target/debug/doorstep PYTHONPATH=bindings/python python3 bindings/python/tests/conformance.py
"""

import asyncio
import gc
import hashlib
import json
import pathlib
import tempfile

import doorstep
from doorstep import Lang
from harness import Server, equal, say, signing

SCENARIO = pathlib.Path(__file__).resolve().parents[2] / "conformance" / "scenario.json"
RECORDING = b"RIFF" + (4_000).to_bytes(4, "little") + b"WAVEfmt " + bytes(range(256)) * 16


class Runner:
    """Does the steps; `phones`, `cases` and `sealed` are by the scenario's names."""

    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.phones, self.cases, self.sealed = {}, {}, {}
        self.stated = ""

    async def step(self, step):
        did = getattr(self, "do_" + step["do"].replace("-", "_"))
        wanted = step.get("refused")
        try:
            gave = await did(**{name: value for name, value in step.items() if name not in ("do", "is", "refused")})
        except doorstep.DoorstepError as error:
            if wanted is None:
                raise
            got = {"kind": type(error).__name__, "code": error.code, "retry": error.retry}
            equal(got, wanted, "how it was refused")
            equal(bool(error.sentence), True, "whether it says why")
            return
        equal(wanted, None, "what it should have been refused with")
        for name, value in step.get("is", {}).items():
            equal(self.look_up(gave, name), value, name)

    @staticmethod
    def look_up(gave, name):
        value = gave[name] if isinstance(gave, dict) else getattr(gave, name)
        return value.name.lower() if isinstance(value, doorstep.Stage) else value

    # --- The server ----------------------------------------------------------------------------------------------------
    async def do_server_kill(self):
        self.server.kill()

    async def do_server_start(self):
        self.server.start()

    async def do_post_end(self, person, role, org):
        self.server.admin("post", "end", person, "--role", role, "--org", org, "--data", self.server.data)

    async def do_revoke(self, phone):
        self.server.admin("revoke", self.phones[phone].enrolled().device, "--data", self.server.data)

    # --- A phone's life ------------------------------------------------------------------------------------------------
    async def do_open(self, phone):
        self.phones[phone] = await doorstep.Device.open(str(self.folder / phone), Lang.EN)

    async def do_reopen(self, phone):
        await self.let_go(phone)
        await self.do_open(phone)

    async def let_go(self, phone):
        del self.phones[phone]
        gc.collect()  # an error's traceback may hold on to it in a cycle

    async def do_enrol(self, phone, person=None, code=None):
        code = code or self.server.invitation(person)
        await self.phones[phone].enrol(code, phone, self.server.address)

    async def do_sync(self, phone, cancelled=False):
        cancellation = doorstep.Cancellation()
        if cancelled:
            cancellation.cancel()
        return await self.phones[phone].sync(cancellation=cancellation)

    async def do_wipe(self, phone):
        equal(self.phones[phone].wipe_ordered(), True, "whether it is to be wiped")
        await self.let_go(phone)
        await doorstep.wipe_device(str(self.folder / phone))
        equal(list((self.folder / phone).iterdir()), [], "what is left in the folder")

    # --- Work ----------------------------------------------------------------------------------------------------------
    async def do_report(self, phone, title, category, account, detail, **named):
        view = self.phones[phone].report(doorstep.Report(
            channel=doorstep.Channel.IN_PERSON,
            title=title,
            place=doorstep.Place(community="nanchenggen", grid="ncg-1", detail=detail),
            category=category,
            account=account,
            reporter=doorstep.Reporter(name="张某"),
        ))
        self.cases[named["as"]] = view.id
        return view

    async def do_note(self, phone, case, text):
        return self.phones[phone].note(self.cases[case], text)

    async def do_assign(self, phone, case, to):
        return self.phones[phone].assign(self.cases[case], to)

    async def do_check_effect(self, phone, case, seen):
        return self.phones[phone].check_effect(self.cases[case], seen)

    async def do_close_case(self, phone, case):
        return self.phones[phone].close_case(self.cases[case])

    async def do_consult(self, phone, case, what):
        elements = doorstep.Elements(what=what)
        return self.phones[phone].open_consultation(self.cases[case], doorstep.Form.AT_HOME, elements)

    def elements(self, phone, who):
        return doorstep.Elements(
            who=[doorstep.Participant(name=name, capacity="业主") for name in who],
            when_ms=self.phones[phone].now_ms(), place="502室", why="民法典相邻关系",
        )

    async def do_agree(self, phone, case, who):
        return self.phones[phone].conclude_agreed(self.cases[case], self.elements(phone, who))

    async def do_disagree(self, phone, case, who, reason):
        return self.phones[phone].conclude_not_agreed(self.cases[case], reason, self.elements(phone, who))

    async def do_choose(self, phone, case, kind, by, why):
        view = self.phones[phone].case_view(self.cases[case])
        line, = (one for one in view.history if one.standing.is_CONTESTED() and (one.kind, one.by) == (kind, by))
        return self.phones[phone].settle_contest(view.id, line.event, line.standing.others, why)

    async def do_draft(self, phone, case, parties, facts, terms, party, deed, due):
        return self.phones[phone].draft_agreement(self.cases[case], doorstep.Draft(
            parties=[doorstep.Party(name=name, kind=doorstep.PartyKind.RESIDENT()) for name in parties],
            facts=facts,
            terms=terms,
            commitments=[doorstep.Commitment(party=party, deed=deed, due=due)],
            dispute=doorstep.DisputeKind.ORDINARY,
        ))

    # --- Signatures ----------------------------------------------------------------------------------------------------
    async def do_freeze(self, phone, case):
        return self.phones[phone].freeze(self.cases[case])

    async def do_sign(self, phone, case, role, name, **more):
        return await self.phones[phone].sign(self.cases[case], signing(doorstep.SignerRole[role.upper()], name, **more))

    async def do_seal(self, phone, case, **named):
        sealed = await self.phones[phone].seal(self.cases[case])
        self.sealed[named["as"]] = sealed
        return sealed

    async def do_verify(self, sealed, altered=False):
        file = bytearray(self.sealed[sealed].bytes)
        file[len(file) // 2] ^= altered
        return await doorstep.verify_agreement(bytes(file), Lang.EN)

    async def do_fetch_sealed(self, phone, sealed):
        sealed = self.sealed[sealed]
        equal(await self.phones[phone].fetch_bundle(sealed.bundle), sealed.bytes, "the bundle from the server")

    # --- Attachments ---------------------------------------------------------------------------------------------------
    async def do_attach(self, phone, case, caption, bytes=None):
        return await self.phones[phone].attach(self.cases[case], bytes.encode() if bytes else RECORDING, caption)

    async def do_send_attachments(self, phone):
        return await self.phones[phone].sync_attachments(False)

    async def do_fetch(self, phone, case):
        name = hashlib.sha256(RECORDING).hexdigest()
        report = await self.phones[phone].fetch_attachment(self.cases[case], name)
        if report.fetched:
            equal(await self.phones[phone].attachment_bytes(name), RECORDING, "the recording")
        return report

    # --- What is there -------------------------------------------------------------------------------------------------
    async def do_view(self, phone, case):
        view = self.phones[phone].case_view(self.cases[case])
        contested = sum(line.standing.is_CONTESTED() for line in view.history)
        return {"stage": view.stage, "assignee": view.assignee, "look": view.look, "contested": contested}

    async def do_pending(self, phone):
        pending = self.phones[phone].pending()
        return {
            "waiting": pending.waiting, "set_aside": pending.set_aside, "reasons": [one.code for one in pending.reasons],
        }

    async def do_same(self, case, phones):
        equal(len({self.phones[phone].digest(self.cases[case]) for phone in phones}), 1, "different digests of one case")

    async def do_state(self, phone, case):
        phone = self.phones[phone]
        view = phone.case_view(self.cases[case])
        lines = [
            f"title={view.title}",
            f"stage={view.stage.name.lower()}",
            f"round={view.round}",
            f"assignee={view.assignee or ''}",
            f"category={view.category}",
            f"place={view.place.community}/{view.place.grid}/{view.place.detail}",
            f"account={view.account}",
        ]
        lines += [f"commitment={one.index} {one.party}: {one.deed} until {one.due}, {one.status}" for one in view.commitments]
        lines += [f"attachment={one.digest} {one.length} {one.caption}" for one in phone.attachments(view.id)]
        if view.agreement:
            verified = await doorstep.verify_agreement(await phone.fetch_bundle(view.agreement.bundle))
            lines += [f"signer={one.role.name.lower()} {one.name}" for one in verified.signers]
        history = [f"history={one.by} {one.kind} {standing(one.standing)}" for one in view.history]
        lines += sorted(history, key=lambda line: line.encode())
        self.stated = "".join(line + "\n" for line in lines)
        return {"sha256": hashlib.sha256(self.stated.encode()).hexdigest()}


def standing(standing):
    if standing.is_EFFECTIVE():
        return "effective"
    return "contested" if standing.is_CONTESTED() else "overtaken"


async def run(folder):
    server = Server(folder)
    try:
        runner = Runner(folder, server)
        steps = json.loads(SCENARIO.read_text(encoding="utf-8"))["steps"]
        for number, step in enumerate(steps, 1):
            try:
                await runner.step(step)
            except Exception as error:
                if runner.stated:
                    say(f"the last state that was asked for:\n{runner.stated}")
                raise AssertionError(f"step {number}, {json.dumps(step, ensure_ascii=False)}: {error}") from error
        return len(steps)
    finally:
        server.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="doorstep-") as name:
        steps = asyncio.run(run(pathlib.Path(name)))
    say(f"{steps} steps as written")


if __name__ == "__main__":
    main()
