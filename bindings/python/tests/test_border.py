"""What a host's own parts and threads may do to a phone: throw, hang, cancel, drop, all at once; nothing is lost.

    DOORSTEP_PROGRAM=target/debug/doorstep PYTHONPATH=bindings/python python3 -m unittest discover -s bindings/python/tests
    DOORSTEP_PROGRAM=target/debug/doorstep PYTHONPATH=bindings/python pytest bindings/python/tests

Nothing but Python is needed; pytest finds the same tests. COMMANDS=10000 runs the threads' test in full.
"""

import asyncio
import gc
import os
import pathlib
import tempfile
import threading
import time
import unittest

import conformance
import doorstep
import two_phones
from doorstep import DoorstepError, Lang
from harness import Heard, OwnKey, OwnTransport, Server, signing

COMMANDS = int(os.environ.get("COMMANDS", "400"))  # of all threads together; each is durable, so a slow disk makes it slow
THREADS = 8
PATIENCE_MS = 300  # how long what hangs is waited for here


def report(title):
    return doorstep.Report(
        channel=doorstep.Channel.PHONE, title=title, place=doorstep.Place(community="nanchenggen", grid="ncg-1"),
        category="房屋漏水", account="漏水。",
    )


class Gate:
    """Whoever comes hangs until it is opened, at the latest at the test's end: no thread may be in here when Python ends."""

    def __init__(self, test):
        self.open = threading.Event()
        test.addCleanup(self.open.set)

    def wait(self):
        self.open.wait(60)


class Whole(unittest.TestCase):
    """The scripts, so that pytest runs them too."""

    def test_a_working_day_of_two_phones_and_a_trial_with_a_self_signed_certificate(self):
        two_phones.main()

    def test_the_scenario_of_all_languages(self):
        conformance.main()


class Border(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix="doorstep-")
        cls.server = Server(pathlib.Path(cls.place.name))

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.place.cleanup()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="doorstep-")
        self.addCleanup(self.folder.cleanup)

    async def asyncSetUp(self):
        asyncio.get_running_loop().slow_callback_duration = 60  # a tap on a busy machine is no news

    async def open(self, name="phone", **options):
        return await doorstep.Device.open(f"{self.folder.name}/{name}", Lang.EN, doorstep.DeviceOptions(**options))

    async def enrolled(self, person="w-ncg-1", name="phone", **options):
        phone = await self.open(name, **options)
        await phone.enrol(self.server.invitation(person), name)
        self.assertEqual((await phone.sync()).code, "done")
        return phone

    # --- Listeners -----------------------------------------------------------------------------------------------------
    async def test_a_listener_that_throws_or_hangs_hurts_no_tap_and_misses_nothing(self):
        phone = await self.enrolled()
        gate = Gate(self)

        class Throws(Heard):
            def heard(self, news):
                super().heard(news)
                raise ValueError("planted")

        class Hangs(Heard):
            def heard(self, news):
                super().heard(news)
                gate.wait()

        throws, hangs, calm = Throws(), Hangs(), Heard()
        observations = [phone.observe(listener) for listener in (throws, hangs, calm)]
        first = phone.report(report("一"))
        await hangs.until(lambda news: news.is_CHANGED() and news.ids == [first.id])
        await throws.until(lambda news: news.is_CHANGED())
        others = {phone.report(report("二")).id, phone.report(report("三")).id}
        await calm.until(lambda news: news.is_CHANGED() and others & set(news.ids))
        await throws.until(lambda news: news.is_MANY_CHANGED())
        self.assertEqual(len(hangs.news), 1)
        gate.open.set()
        await hangs.until(lambda news: news.is_CHANGED() and set(news.ids) == others)
        for observation in observations:
            observation.end()
        quiet = len(calm.news)
        phone.report(report("四"))
        await asyncio.sleep(0.05)
        self.assertEqual(len(calm.news), quiet)

    async def test_a_sync_says_how_far_it_is_and_that_it_ended(self):
        phone = await self.enrolled()
        phone.report(report("一"))

        class Progress(doorstep.ProgressListener):
            seen = []

            def progress(self, progress):
                self.seen.append(progress)

        heard = Heard()
        observation = phone.observe(heard)
        await phone.sync(Progress())
        await heard.until(lambda news: news.is_PROGRESS() and news.progress.phase == doorstep.SyncPhase.ENDED)
        until = time.monotonic() + 60
        while not (Progress.seen and Progress.seen[-1].phase == doorstep.SyncPhase.ENDED):
            self.assertLess(time.monotonic(), until)
            await asyncio.sleep(0.01)
        last = Progress.seen[-1]
        self.assertEqual(last.waiting, 0)
        self.assertGreater(min(last.requests, last.bytes_up, last.bytes_down), 0)
        del observation

    # --- What the host brings along ------------------------------------------------------------------------------------
    async def test_a_client_that_throws_or_hangs_is_told_as_such_and_loses_nothing(self):
        gate = Gate(self)

        class Own(OwnTransport):
            mood = None

            def send(self, request):
                if self.mood == "throws":
                    raise KeyError("planted")
                if self.mood == "hangs":
                    gate.wait()
                return super().send(request)

        own = Own()
        own.mood = "throws"
        phone = await self.open(transport=own, patience_ms=PATIENCE_MS * 100)
        code = self.server.invitation("w-ncg-1")
        with self.assertRaises(DoorstepError.Host) as thrown:
            await phone.enrol(code, "phone")
        self.assertEqual((thrown.exception.code, thrown.exception.about), ("host_failed", ["transport"]))
        own.mood = None
        await phone.enrol(code, "phone")
        self.assertEqual((await phone.sync()).code, "done")
        del phone, thrown
        gc.collect()
        phone = await self.open(transport=own, patience_ms=PATIENCE_MS)
        phone.report(report("一"))
        for mood, code in (("throws", "host_failed"), ("hangs", "host_timeout")):
            own.mood = mood
            self.assertEqual((await phone.sync()).code, code)
            self.assertEqual(phone.pending().waiting, 1)
        gate.open.set()
        own.mood = None
        del phone
        gc.collect()
        phone = await self.open(transport=own)
        self.assertEqual((await phone.sync()).stored, 1)

    async def test_a_signer_that_throws_or_hangs_opens_nothing_and_loses_nothing(self):
        gate = Gate(self)

        class Throws(doorstep.Signer):
            def public_key(self):
                raise ValueError("planted")

        class Hangs(doorstep.Signer):
            def public_key(self):
                gate.wait()
                return b""

        for signer, code in ((Throws(), "host_failed"), (Hangs(), "host_timeout")):
            with self.assertRaises(DoorstepError.Host) as refused:
                await self.open(signer=signer, patience_ms=PATIENCE_MS)
            self.assertEqual((refused.exception.code, refused.exception.about, refused.exception.retry), (code, ["signer"], True))
        gate.open.set()

    async def test_a_key_that_throws_or_hangs_while_a_sync_runs_is_told_as_such_and_taps_go_on(self):
        gate = Gate(self)
        key = OwnKey()
        phone = await self.enrolled(signer=key, patience_ms=PATIENCE_MS * 10)
        asked = threading.Event()

        def throws():
            raise KeyError("planted")

        def hangs():
            asked.set()
            gate.wait()

        phone.report(report("一"))
        for number, (mood, code) in enumerate(((throws, "host_failed"), (hangs, "host_timeout")), 1):
            key.mood = mood
            syncing = asyncio.create_task(phone.sync())
            if mood is hangs:
                while not asked.is_set():
                    await asyncio.sleep(0.01)
                phone.report(report("二"))
                self.assertFalse(syncing.done(), "the tap did not wait for the key")
            self.assertEqual((await syncing).code, code)
            self.assertEqual(phone.pending().waiting, number)
        gate.open.set()
        key.mood = lambda: None
        self.assertEqual((await phone.sync()).stored, 2)

    async def test_a_key_that_hangs_while_it_seals_is_waited_for_only_so_long_and_the_signatures_stay(self):
        gate = Gate(self)
        key = OwnKey()
        phone = await self.enrolled(signer=key, patience_ms=PATIENCE_MS)
        case = phone.report(report("一")).id
        phone.open_consultation(case, doorstep.Form.AT_HOME, doorstep.Elements(what="谁来修"))
        phone.conclude_agreed(case, doorstep.Elements(
            who=[doorstep.Participant(name=name, capacity="业主") for name in ("张某", "李某")],
            when_ms=phone.now_ms(), place="502室", why="民法典相邻关系",
        ))
        phone.draft_agreement(case, doorstep.Draft(
            parties=[doorstep.Party(name=name, kind=doorstep.PartyKind.RESIDENT()) for name in ("张某", "李某")],
            facts="漏水。", terms="李某修好。", commitments=[doorstep.Commitment(party="李某", deed="修好", due="2099-01-31")],
            dispute=doorstep.DisputeKind.ORDINARY,
        ))
        phone.freeze(case)
        for name in ("张某", "李某"):
            await phone.sign(case, signing(doorstep.SignerRole.PARTY, name))
        await phone.sign(case, signing(doorstep.SignerRole.WITNESS, "王敏", capacity="网格员"))
        asked = threading.Event()

        def hangs():
            asked.set()
            gate.wait()

        key.mood = hangs
        sealing = asyncio.create_task(phone.seal(case))
        while not asked.is_set():
            await asyncio.sleep(0.01)
        await asyncio.to_thread(phone.note, case, "还在等手指。")  # waits its turn, and then is on disk
        with self.assertRaises(DoorstepError.Host) as hung:
            await sealing
        self.assertEqual((hung.exception.code, hung.exception.about), ("host_timeout", ["signer"]))
        key.mood = lambda: None
        self.assertEqual(phone.pad(case).missing, [], "who signed need not sign again")
        sealed = await phone.seal(case)
        self.assertEqual((await doorstep.verify_agreement(sealed.bytes)).holds, True)

    async def test_a_key_store_that_hangs_opens_nothing_holds_up_nobody_and_takes_nothing_along(self):
        gate = Gate(self)

        class Hangs(doorstep.KeyStore):
            def secret(self, name):
                gate.wait()
                return None

        phone = await self.enrolled()
        me, folder = phone.enrolled(), pathlib.Path(self.folder.name) / "phone"
        before = sorted(one.name for one in folder.iterdir() if not one.name.startswith("phone.db-"))
        del phone
        gc.collect()
        opening = asyncio.create_task(self.open(key_store=Hangs(), patience_ms=PATIENCE_MS))
        await asyncio.sleep(0)
        self.assertFalse(opening.done(), "whoever opens does not wait on this thread")
        with self.assertRaises(DoorstepError.Host) as hung:
            await opening
        self.assertEqual((hung.exception.code, hung.exception.about, hung.exception.retry), ("host_timeout", ["key_store"], True))
        after = sorted(one.name for one in folder.iterdir() if not one.name.startswith("phone.db-"))
        self.assertEqual(after, before)
        self.assertEqual((await self.open()).enrolled(), me)

    async def test_an_opening_that_nobody_awaits_any_more_lets_go_of_the_folder(self):
        gate = Gate(self)
        asked = threading.Event()

        class Slow(doorstep.KeyStore):
            kept = {}

            def secret(self, name):
                asked.set()
                gate.wait()
                return self.kept.get(name)

            def keep(self, name, secret):
                self.kept[name] = secret

        slow = Slow()
        opening = asyncio.create_task(self.open(key_store=slow))
        while not asked.is_set():
            await asyncio.sleep(0.01)
        opening.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await opening
        gate.open.set()
        until = time.monotonic() + 60
        while True:
            try:
                phone = await self.open(key_store=slow)
                break
            except DoorstepError as busy:
                self.assertEqual((busy.code, busy.retry), ("store_busy", True))
                self.assertLess(time.monotonic(), until)
                await asyncio.sleep(0.01)
        self.assertEqual(phone.enrolled(), None)

    async def test_a_clock_that_hangs_is_replaced_and_told_and_opens_nothing_when_it_is_new(self):
        gate = Gate(self)

        class Clock(doorstep.Clock):
            hangs = True

            def now_ms(self):
                if self.hangs:
                    gate.wait()
                return 1_700_000_000_000

        clock = Clock()
        with self.assertRaises(DoorstepError.Host) as hung:
            await self.open(clock=clock, patience_ms=PATIENCE_MS)
        self.assertEqual((hung.exception.code, hung.exception.about), ("host_timeout", ["clock"]))
        clock.hangs = False
        phone = await self.open(clock=clock, patience_ms=PATIENCE_MS)
        heard = Heard()
        observation = phone.observe(heard)
        clock.hangs = True
        self.assertGreater(phone.now_ms(), 1_735_689_600_000)
        await heard.until(lambda news: news.is_CLOCK_FAILED() and news.code == "host_timeout")
        del observation

    async def test_the_number_of_changes_set_aside_is_told_when_it_changes(self):
        phone = await self.enrolled("w-ncg-2")
        wanted = report("一")
        wanted.place.grid = "ncg-2"
        case = phone.report(wanted).id
        self.assertEqual((await phone.sync()).code, "done")
        heard = Heard()
        observation = phone.observe(heard)
        self.server.admin("post", "end", "w-ncg-2", "--role", "grid_worker", "--org", "nanchenggen", "--data", self.server.data)
        phone.note(case, "已经调走的人写的")
        self.assertEqual((await phone.sync()).set_aside, 1)
        await heard.until(lambda news: news.is_SET_ASIDE() and news.count == 1)
        self.assertEqual(phone.pending().set_aside, 1)
        del observation

    async def test_a_key_store_takes_over_the_secrets_and_no_other_is_believed(self):
        class Store(doorstep.KeyStore):
            def __init__(self):
                self.kept, self.fails = {}, False

            def secret(self, name):
                if self.fails:
                    raise ValueError("planted")
                return self.kept.get(name)

            def keep(self, name, secret):
                self.kept[name] = secret

            def forget(self, name):
                self.kept.pop(name, None)

        class Forgetful(Store):
            def keep(self, name, secret):
                pass

        phone = await self.enrolled()
        me, folder = phone.enrolled(), pathlib.Path(self.folder.name) / "phone"
        del phone
        with self.assertRaises(DoorstepError.Host):
            await self.open(key_store=Forgetful())
        self.assertTrue((folder / "key").exists(), "what was not kept stays in the folder")
        store = Store()
        phone = await self.open(key_store=store)
        self.assertEqual(sorted(store.kept), ["attachment-key", "database-key", "device-key"])
        for name in ("key", "attachment-key", "database-key"):
            self.assertFalse((folder / name).exists(), f"{name} left the folder")
        self.assertEqual(phone.enrolled(), me)
        self.assertEqual((await phone.sync()).code, "done", "the server knows the key")
        del phone
        gc.collect()
        store.fails = True
        with self.assertRaises(DoorstepError.Host) as failed:
            await self.open(key_store=store)
        self.assertEqual((failed.exception.code, failed.exception.about), ("host_failed", ["key_store"]))
        store.fails, store.kept["device-key"] = False, b"short"
        with self.assertRaises(DoorstepError.Key) as unreadable:
            await self.open(key_store=store)
        self.assertEqual(unreadable.exception.code, "secret_unreadable")
        await doorstep.wipe_device(str(folder), None, store)
        self.assertEqual(store.kept, {})

    async def test_a_clock_of_the_hosts_dates_what_is_done_and_one_that_fails_is_replaced_and_told(self):
        class Clock(doorstep.Clock):
            ms = 1_700_000_000_000

            def now_ms(self):
                if self.ms is None:
                    raise ValueError("planted")
                return self.ms

        clock = Clock()
        phone = await self.open(clock=clock)
        self.assertEqual(phone.now_ms(), clock.ms)
        heard = Heard()
        observation = phone.observe(heard)
        clock.ms = None
        self.assertGreater(phone.now_ms(), 1_735_689_600_000)
        await heard.until(lambda news: news.is_CLOCK_FAILED() and news.code == "host_failed")
        del observation

    # --- Calling off, letting go ---------------------------------------------------------------------------------------
    async def test_a_task_that_is_cancelled_stops_its_sync_at_the_next_request(self):
        gate = Gate(self)

        class Slow(OwnTransport):
            def send(self, request):
                if self.sent >= self.stops_at:
                    self.asked.set()
                    gate.wait()
                return super().send(request)

        slow = Slow()
        slow.stops_at, slow.asked = 1_000, threading.Event()
        phone = await self.enrolled(transport=slow)
        phone.report(report("一"))
        slow.stops_at = slow.sent
        task = asyncio.create_task(phone.sync())
        while not slow.asked.is_set():
            await asyncio.sleep(0.01)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        slow.stops_at = 1_000
        gate.open.set()
        # The work that was called off lets go of the sync on its own thread.
        until = time.monotonic() + 60
        while True:
            try:
                done = await phone.sync()
                break
            except DoorstepError.Busy as busy:
                self.assertEqual((busy.code, busy.retry), ("busy", True))
                self.assertLess(time.monotonic(), until)
                await asyncio.sleep(0.01)
        self.assertEqual((done.code, done.stored + done.known), ("done", 1))

    async def test_the_loop_runs_on_while_a_sync_is_under_way(self):
        phone = await self.enrolled()
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await phone.sync()
        ticking.cancel()
        self.assertGreater(ticks, 10)

    async def test_commands_from_many_threads_are_all_kept_and_both_phones_end_with_equal_digests(self):
        worker = await self.enrolled("w-ncg-1", "worker")
        lead = await self.enrolled("lead-ncg", "lead")
        cases = [worker.report(report(f"第{n}件")).id for n in range(THREADS // 2)]
        failed = []

        def work(which):
            try:
                for n in range(COMMANDS // THREADS):
                    worker.note(cases[which % len(cases)], f"{which}-{n}")
            except BaseException as error:  # told below, on the test's own thread
                failed.append(error)

        threads = [threading.Thread(target=work, args=(which,)) for which in range(THREADS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            # Syncs go on beside the taps.
            self.assertIn((await worker.sync()).code, ("done",))
            await asyncio.sleep(0.05)
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        await worker.sync()
        await lead.sync()
        pending = worker.pending()
        self.assertEqual((pending.waiting, pending.wanted, pending.set_aside, worker.packets()), (0, 0, 0, []))
        for number, case in enumerate(cases):
            self.assertEqual(worker.digest(case), lead.digest(case))
            notes = [line for line in lead.case_view(case).history if line.kind == "noted"]
            self.assertEqual(len(notes), 2 * (COMMANDS // THREADS), f"notes of case {number}")


if __name__ == "__main__":
    unittest.main()
