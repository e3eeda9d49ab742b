import Foundation
import XCTest

@testable import Doorstep

final class PhoneTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "")

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: folder)
    }

    func testAPhoneThatIsNotEnrolledSaysSoWithItsPermanentCode() async throws {
        let phone = try await Device.open(dir: folder.path, lang: .en)
        XCTAssertNil(phone.enrolled())
        do {
            _ = try await phone.sync()
            XCTFail("a phone that is not enrolled has synced")
        } catch DoorstepError.Enrolment(let code, _, _, _) {
            XCTAssertEqual(code, "not_enrolled")
        }
    }

    func testAFolderIsOpenedOnceAtATime() async throws {
        let phone = try await Device.open(dir: folder.path, lang: .en)
        do {
            _ = try await Device.open(dir: folder.path, lang: .en)
            XCTFail("the folder was opened a second time")
        } catch DoorstepError.Storage(let code, _, _, let retry) {
            XCTAssertEqual(code, "store_busy")
            XCTAssertTrue(retry)
        }
        withExtendedLifetime(phone) {}
    }

    func testLeavingTheLoopOverTheNewsEndsTheListening() async throws {
        let phone = try await Device.open(dir: folder.path, lang: .en)
        let listening = Task { for await _ in try phone.news() {} }
        listening.cancel()
        try await listening.value
    }
}
