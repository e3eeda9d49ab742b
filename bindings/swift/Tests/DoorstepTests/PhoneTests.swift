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

    func testNoErrorsTextRepeatsWhatAWorkerTyped() {
        let refused = DoorstepError.Refused(code: "elements_missing", sentence: "五要素不全。", about: ["王敏"], retry: false)
        XCTAssertEqual(refused.about, ["王敏"])
        XCTAssertEqual(refused.errorDescription, "五要素不全。")
        for text in [String(describing: refused), String(reflecting: refused), refused.localizedDescription] {
            XCTAssertTrue(text.contains("五要素不全。"))
            XCTAssertFalse(text.contains("王敏"))
        }
    }

    func testASyncIsCalledOffWithTheTaskThatAwaitsIt() async throws {
        let server = try Server(folder: folder)
        let phone = try await Device.open(dir: folder.appendingPathComponent("phone").path, lang: .en)
        _ = try await phone.enrol(code: server.invitation("w-ncg-1"), label: "phone")
        let syncing = Task {
            // Called off before it begins: the first request is not sent.
            withUnsafeCurrentTask { $0?.cancel() }
            return try await phone.syncUntilCancelled()
        }
        let report = try await syncing.value
        XCTAssertEqual(report.code, "cancelled")
        XCTAssertEqual(report.requests, 0)
    }

    func testLeavingTheLoopOverTheNewsEndsTheListening() async throws {
        let phone = try await Device.open(dir: folder.path, lang: .en)
        let listening = Task { for await _ in try phone.news() {} }
        listening.cancel()
        try await listening.value
    }
}
