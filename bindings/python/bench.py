"""What a call across the border costs in Python: the real library, through the generated module, on a real store.

    bindings/python/generate --release
    DOORSTEP_PROGRAM=target/debug/doorstep PYTHONPATH=bindings/python python3 bindings/python/bench.py

Each line is a call: the median of its batches, the range of their middle half, and the median against the floor, which is `now_ms`: a call
that takes no argument and brings a number home. "Read in Python" is what the generated module alone does with the same answer, from bytes
that are there already: nothing in Rust makes that share smaller. The batches of all calls take turns, so that a busy moment meets them all.

Nothing passes or fails here: a figure says what this machine did today. The limits of the task stand beside it.
"""

import argparse
import asyncio
import gc
import pathlib
import platform
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "tests"))
import doorstep
from doorstep._generated import doorstep as generated
from harness import Server, sync

PAGE = 50  # rows of a list page: RowQuery's default
CASES = 200  # so that a page is a part of the list and not all of it
SMALL_US, PAGE_US = 20, 2_000  # the task's limits, for a small record and for a page


def report(number):
    return doorstep.Report(
        channel=doorstep.Channel.PHONE,
        title=f"三号楼 402 室天花板漏水，第 {number} 件",
        place=doorstep.Place(community="nanchenggen", grid="ncg-1", detail="三号楼二单元 402 室"),
        category="房屋漏水",
        account="楼上卫生间漏水，天花板起皮。",
    )


def reading(converter, record):
    """A call that reads a record from the bytes that the library would have sent."""
    with generated._UniffiRustBuffer.alloc_with_builder() as builder:
        converter.write(record, builder)
        buffer = builder.finalize()
    data = bytes(buffer.data[0 : buffer.len])
    buffer.free()
    stream = generated._UniffiRustBufferStream
    if converter.read(stream(data, len(data))) != record:
        raise AssertionError("what was written reads back as something else")
    return lambda: converter.read(stream(data, len(data)))


def batch(call, calls):
    """Microseconds a call, over so many."""
    began = time.perf_counter_ns()
    for _ in range(calls):
        call()
    return (time.perf_counter_ns() - began) / calls / 1000


async def run(folder, server, batches, batch_ms):
    phone = await doorstep.Device.open(str(folder / "phone"), doorstep.Lang.ZH)
    await phone.enrol(server.invitation("w-ncg-1"), "bench")
    await sync(phone)
    cases = [phone.report(report(number)).id for number in range(CASES)]
    query = doorstep.RowQuery(kind=doorstep.DocKind.CASE, limit=PAGE)
    page = phone.rows(query)
    if len(page.rows) != PAGE:
        raise AssertionError(f"a page of {len(page.rows)} rows")
    one = doorstep.RowQuery(kind=doorstep.DocKind.CASE, limit=1)
    calls = [
        ("a number: now_ms, the floor", phone.now_ms, None),
        ("a word in, a word out: stage_name", lambda: doorstep.stage_name(doorstep.Stage.RECEIVED, doorstep.Lang.ZH), None),
        ("a small record: enrolled", phone.enrolled, SMALL_US),
        ("  the same, read in Python", reading(generated._UniffiFfiConverterTypeEnrolled, phone.enrolled()), None),
        ("a digest from the store: digest", lambda: phone.digest(cases[0]), None),
        ("a record from the store: pending", phone.pending, None),
        ("a query in, one row out: rows(1)", lambda: phone.rows(one), None),
        (f"a list page: rows({PAGE})", lambda: phone.rows(query), PAGE_US),
        ("  the same, read in Python", reading(generated._UniffiFfiConverterTypeRowPage, page), None),
        ("a case whole: case_view", lambda: phone.case_view(cases[0]), None),
    ]
    # As many calls a batch as fill its time: the clock's own cost is nothing in it.
    sized = [max(1, int(batch_ms * 1000 / batch(call, 20))) for _, call, _ in calls]
    means = [[] for _ in calls]
    gc.collect()
    gc.disable()
    for _ in range(batches):
        for place, (_, call, _) in enumerate(calls):
            means[place].append(batch(call, sized[place]))
    gc.enable()
    print(f"Python {platform.python_version()} on {platform.machine()}; {batches} batches of {batch_ms} ms; {CASES} cases on the phone")
    print(f"{'':44}{'median µs':>11}{'middle half':>20}{'× floor':>10}")
    floor = statistics.median(means[0])
    for (name, _, limit), taken in zip(calls, means):
        low, middle, high = statistics.quantiles(taken, n=4)
        said = "" if limit is None else f"   limit {limit} µs: {'met' if middle <= limit else 'NOT met'}"
        print(f"{name:44}{middle:11.1f}{f'{low:.1f} – {high:.1f}':>20}{middle / floor:10.1f}{said}")


def main():
    arguments = argparse.ArgumentParser(description="What a call across the border costs in Python.")
    arguments.add_argument("--batches", type=int, default=21)
    arguments.add_argument("--batch-ms", type=int, default=20)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="doorstep-") as place:
        folder = pathlib.Path(place)
        server = Server(folder)
        try:
            asyncio.run(run(folder, server, asked.batches, asked.batch_ms))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
