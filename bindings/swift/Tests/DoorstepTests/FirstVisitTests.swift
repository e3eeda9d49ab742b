import Foundation
import XCTest

@testable import Doorstep

final class FirstVisitTests: XCTestCase {
    func testTheLinesOfTheGuideRecordAVisitAndBringItToTheServer() async throws {
        let folder = try Folder()
        let server = try Server(folder: folder.url)
        let phone = folder.url.appendingPathComponent("phone").path
        let report = try await firstVisit(folder: phone, invitation: server.invitation("w-ncg-1"))
        XCTAssertEqual(report.code, "done")
        XCTAssertEqual(report.stored, 1, "changes that the server took")
        server.cutOff()
        let offline = try await firstVisit(folder: phone, invitation: "an enrolled phone asks for no invitation")
        XCTAssertEqual(offline.code, "unreachable")
        let again = try await Device.open(dir: phone)
        XCTAssertEqual(try again.pending().waiting, 1, "the visit waits")
    }
}

/// A folder that goes when the test lets go of it.
final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
