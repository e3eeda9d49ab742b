// From nothing to a visit recorded offline and synced; the guide shows the lines between the marks, and a test runs them.
// --- GUIDE
import Doorstep

func firstVisit(folder: String, invitation: String) async throws -> SyncReport {
    let phone = try await Device.open(dir: folder, lang: .en)    // a folder of the app's own; made if it is not there
    if phone.enrolled() == nil {
        _ = try await phone.enrol(code: invitation, label: "Li Min's phone")  // the QR code of `doorstep admin enrol`
        _ = try await phone.sync()                               // brings the directory: communities, grids, people
    }
    let grid = phone.directory().grids[0]
    _ = try phone.recordVisit(visit: Visit(                      // on disk when it returns; asks no network
        place: Place(community: grid.community, grid: grid.id, detail: "3单元502"),
        door: .met,
        seen: "墙面渗水",
        asked: "尽快修"
    ))
    return try await phone.sync()                                // any time; `done`, or `code` and `sentence` say why not yet
}
// --- GUIDE
