"""Many commands from many threads, and many openings: nothing hangs, nothing is set aside, both phones end equal, memory stays where it was.

    DOORSTEP_PROGRAM=target/debug/doorstep PYTHONPATH=bindings/python python3 bindings/python/tests/soak.py --commands 10000 --threads 8

Run by hand, with the library that ships (`bindings/python/generate --release`); its short form is in `test_border.py`. Exits non-zero when
anything is not as it says. A thread that does not end in time is a deadlock, and is told with the stacks of all.
"""

import argparse
import asyncio
import faulthandler
import gc
import pathlib
import sys
import tempfile
import threading
import time

import doorstep
from harness import Heard, Server, equal, say, sync

HANG_S = 900  # without a command done in it, nothing moves any more
CASES = 40  # so that a case's log has the length of a long real one, not of a test's
WARM = 10  # openings before memory is looked at: what is made once is made by then
GROWTH_MAX_KB = 40  # more than that for each opening of a device is no allocator's mood


def memory_kb():
    """What this process has in memory now."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS here")


def report(number):
    return doorstep.Report(
        channel=doorstep.Channel.PHONE, title=f"第{number}件", place=doorstep.Place(community="nanchenggen", grid="ncg-1"),
        category="房屋漏水", account="漏水。",
    )


async def threads_at_work(folder, server, commands, threads):
    worker = await doorstep.Device.open(str(folder / "worker"), doorstep.Lang.ZH)
    lead = await doorstep.Device.open(str(folder / "lead"), doorstep.Lang.ZH)
    await worker.enrol(server.invitation("w-ncg-1"), "worker")
    await lead.enrol(server.invitation("lead-ncg"), "lead")
    await sync(worker)
    heard = Heard()
    observation = worker.observe(heard)
    cases = [worker.report(report(number)).id for number in range(CASES)]
    done, failed = [0] * threads, []

    def work(which):
        try:
            for number in range(which, commands, threads):
                worker.note(cases[number % CASES], f"{which}-{number}")
                done[which] += 1
        except BaseException as error:  # told below, on the main thread
            failed.append(error)

    began = time.monotonic()
    running = [threading.Thread(target=work, args=(which,), daemon=True) for which in range(threads)]
    for thread in running:
        thread.start()
    moved, last, syncs = time.monotonic(), 0, 0
    while any(thread.is_alive() for thread in running):
        await sync(worker)
        syncs += 1
        if sum(done) > last:
            moved, last = time.monotonic(), sum(done)
        elif time.monotonic() - moved > HANG_S:
            faulthandler.dump_traceback(all_threads=True)
            raise AssertionError(f"nothing moves after {last} commands")
        await asyncio.sleep(0.2)
    took = time.monotonic() - began
    if failed:
        raise failed[0]
    equal(sum(done), commands, "commands done")
    await sync(worker)
    await sync(lead)
    pending = worker.pending()
    equal((pending.waiting, pending.wanted, pending.set_aside, worker.packets()), (0, 0, 0, []), "what is left to be sent")
    notes = 0
    for case in cases:
        equal(worker.digest(case), lead.digest(case), "the digests of one case")
        notes += sum(line.kind == "noted" for line in lead.case_view(case).history)
    equal(notes, commands, "notes that reached the other phone")
    observation.end()
    say(f"{commands} commands from {threads} threads in {took:.0f} s, {syncs} syncs beside them, {len(heard.news)} times news: nothing set "
        f"aside, {CASES} equal digests on both phones")


async def openings(folder, count):
    """The same phone opened and let go of again and again, with a listener and a page."""
    heard, marks = Heard(), []
    for number in range(WARM + count):
        phone = await doorstep.Device.open(str(folder / "worker"), doorstep.Lang.ZH)
        observation = phone.observe(heard)
        equal(len(phone.rows(doorstep.RowQuery(kind=doorstep.DocKind.CASE)).rows), CASES, "rows")
        observation.end()
        del phone, observation
        gc.collect()
        if number >= WARM:
            marks.append(memory_kb())
    third = max(1, count // 3)
    growth = (sum(marks[-third:]) - sum(marks[:third])) / third / (count - third)
    say(f"{count} openings: {marks[0]} KB at the first, {marks[-1]} KB at the last; {growth:+.1f} KB an opening")
    if growth > GROWTH_MAX_KB:
        raise AssertionError(f"memory grows by {growth:.1f} KB an opening")


async def run(folder, server, asked):
    await threads_at_work(folder, server, asked.commands, asked.threads)
    gc.collect()
    await openings(folder, asked.openings)


def main():
    arguments = argparse.ArgumentParser(description="Many commands from many threads, and many openings.")
    arguments.add_argument("--commands", type=int, default=10_000)
    arguments.add_argument("--threads", type=int, default=8)
    arguments.add_argument("--openings", type=int, default=100)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="doorstep-") as place:
        server = Server(pathlib.Path(place))
        try:
            asyncio.run(run(pathlib.Path(place), server, asked))
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
