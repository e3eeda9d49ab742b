package doorstep

// From nothing to a visit recorded offline and synced; the guide shows the lines between the marks, and a test runs them.
// --- GUIDE
suspend fun firstVisit(folder: String, invitation: String): SyncReport =
    Device.open(folder, Lang.EN).use { phone ->            // a folder of the app's own; made if it is not there
        if (phone.enrolled() == null) {
            phone.enrol(invitation, "Li Min's phone")      // the text of the QR code that `doorstep admin enrol` shows
            phone.sync()                                   // brings the directory: communities, grids, people
        }
        val grid = phone.directory().grids.first()
        phone.recordVisit(                                 // on disk when it returns; asks no network
            Visit(
                place = Place(community = grid.community, grid = grid.id, detail = "3单元502"),
                door = Door.MET,
                seen = "墙面渗水",
                asked = "尽快修",
            ),
        )
        phone.sync()                                       // any time; `done`, or `code` and `sentence` say why not yet
    }
// --- GUIDE
