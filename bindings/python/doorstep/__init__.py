"""Doorstep's device for Python: a worker's phone, for scripts, tests and desktops.

    import asyncio, doorstep

    async def main():
        phone = await doorstep.Device.open("phone", doorstep.Lang.EN)
        await phone.enrol("doorstep://enrol?server=…&code=…", "desk")
        await phone.sync()
        case = phone.report(doorstep.Report(
            channel=doorstep.Channel.PHONE,
            title="Water from the ceiling",
            place=doorstep.Place(community="nanchenggen", grid="ncg-1"),
            category=phone.directory().categories[0],
            account="Since Sunday, worse at night.",
        ))
        try:
            phone.close_case(case.id)
        except doorstep.DoorstepError.Refused as refused:
            print(refused.code, refused.sentence, refused.retry)
        report = await phone.sync()
        print(report.code, phone.pending().waiting)

    asyncio.run(main())

Every call is durable when it returns. Long work is awaited and done on a thread of its own; taps, views and lists are plain calls. Ids are
strings, days are strings such as "2026-05-08", instants are milliseconds since 1970. Errors are `DoorstepError`s with a permanent
`code` to switch on, a `sentence` to show and `retry`.
"""

try:
    from ._generated.doorstep import *  # noqa: F401,F403
    from ._generated.doorstep import __all__
except ModuleNotFoundError as missing:
    if missing.name not in (f"{__name__}._generated", f"{__name__}._generated.doorstep"):
        raise
    raise ImportError("doorstep's native part is not there yet: run bindings/python/generate") from None
