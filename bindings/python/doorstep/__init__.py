"""Doorstep's device for Python: a worker's phone, for scripts, tests and desktops.

    import doorstep

    phone = doorstep.Device.open("phone", doorstep.Lang.EN)
    phone.enrol("doorstep://enrol?server=…&code=…", "desk")
    phone.sync()
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
        print(refused.code, refused.sentence)
    report = phone.sync()
    print(report.code, phone.pending().waiting)

Every call is durable when it returns. Calls block; `sync` is best called from a thread of its own. Ids are strings, days
are strings such as "2026-05-08", instants are milliseconds since 1970. Errors are `DoorstepError`s with a permanent
`code` to switch on and a `sentence` to show.
"""

try:
    from ._generated.doorstep import *  # noqa: F401,F403
    from ._generated.doorstep import __all__
except ModuleNotFoundError as missing:
    if missing.name not in (f"{__name__}._generated", f"{__name__}._generated.doorstep"):
        raise
    raise ImportError("doorstep's native part is not there yet: run bindings/python/generate") from None
