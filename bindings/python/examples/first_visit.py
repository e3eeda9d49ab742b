"""From nothing to a visit recorded offline and synced; the guide shows the lines between the marks, and a test runs them.

    python3 first_visit.py FOLDER INVITATION
"""

import asyncio
import sys

# --- GUIDE
from doorstep import Device, Door, Lang, Place, Visit


async def first_visit(folder, invitation):
    phone = await Device.open(folder, Lang.EN)            # a folder of the app's own; made if it is not there
    if phone.enrolled() is None:
        await phone.enrol(invitation, "Li Min's phone")   # the text of the QR code that `doorstep admin enrol` shows
        await phone.sync()                                # brings the directory: communities, grids, people
    grid = phone.directory().grids[0]
    phone.record_visit(Visit(                             # on disk when it returns; asks no network
        place=Place(community=grid.community, grid=grid.id, detail="3单元502"),
        door=Door.MET,
        seen="墙面渗水",
        asked="尽快修",
    ))
    return await phone.sync()                             # any time; `done`, or `code` and `sentence` say why not yet
# --- GUIDE


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    report = asyncio.run(first_visit(sys.argv[1], sys.argv[2]))
    print(report.code, report.stored, report.sentence)
