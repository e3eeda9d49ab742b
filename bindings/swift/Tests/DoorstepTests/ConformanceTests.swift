import Foundation
import XCTest

@testable import Doorstep

private let recording =
    Data("RIFF".utf8) + Data([0xa0, 0x0f, 0, 0]) + Data("WAVEfmt ".utf8) + Data((0..<(16 * 256)).map { UInt8($0 % 256) })

/// The scenario that every language runs, from the same file: the same steps, refusals and digests of what came of it.
final class ConformanceTests: XCTestCase {
    func testSha256IsTheStandards() {
        XCTAssertEqual(sha256(Data("abc".utf8)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    func testEveryStepOfTheScenarioDoesHereWhatItDoesInEveryLanguage() async throws {
        let folder = try Folder()
        let steps = try scenario()
        XCTAssertGreaterThan(steps.count, 50)
        let play = Play(folder: folder.url, server: try Server(folder: folder.url))
        for (number, step) in steps.enumerated() {
            do {
                try await play.step(step)
            } catch {
                return XCTFail("step \(number + 1), \(step.fields): \(error)\n\(play.stated)")
            }
        }
    }
}

/// Does the steps. Phones, cases and sealed agreements go by the scenario's names.
private final class Play {
    private let folder: URL
    private let server: Server
    private var phones: [String: Device] = [:]
    private var cases: [String: String] = [:]
    private var sealed: [String: SealedAgreement] = [:]
    /// The lines that were last digested.
    private(set) var stated = ""

    init(folder: URL, server: Server) {
        self.folder = folder
        self.server = server
    }

    func step(_ step: Step) async throws {
        let wanted = step.part("refused")
        let gave: Value
        do {
            gave = try await done(step)
        } catch let error as DoorstepError {
            guard let wanted = wanted else { throw error }
            let kind = Mirror(reflecting: error).children.first?.label ?? ""
            let got: [String: Value] = ["kind": .text(kind), "code": .text(error.code), "retry": .flag(error.retry)]
            try same(got, wanted, "how it was refused")
            try same(error.sentence.isEmpty, false, "whether it says nothing of why")
            return
        }
        try same(wanted, nil, "what it should have been refused with")
        for (name, value) in step.part("is") ?? [:] {
            guard case .fields(let fields) = gave, let field = fields[name] else { throw Trouble("nothing is called \(name)") }
            try same(field, value, name)
        }
    }

    private func done(_ step: Step) async throws -> Value {
        switch try step.text("do") {
        case "server-kill": server.cutOff()
        case "server-start": try server.start()
        case "post-end":
            let (person, role, org) = (try step.text("person"), try step.text("role"), try step.text("org"))
            try server.admin("post", "end", person, "--role", role, "--org", org, "--data", server.data)
        case "revoke":
            guard let enrolled = try phone(step).enrolled() else { throw Trouble("the phone is nobody's") }
            try server.admin("revoke", enrolled.device, "--data", server.data)
        case "open": try await open(step.text("phone"))
        case "reopen":
            phones[try step.text("phone")] = nil
            try await open(step.text("phone"))
        case "wipe": try await wipe(step)
        case "same":
            let digests = try step.texts("phones").map { name in try named(name).digest(id: try caseId(step)) }
            try same(Set(digests).count, 1, "different digests of one case")
        case "fetch-sealed":
            let kept = try agreement(step)
            let bytes = try await phone(step).fetchBundle(digest: kept.bundle)
            try same(bytes, kept.bytes, "the bundle from the server")
        default: return try await answered(step)
        }
        return .nothing
    }

    /// The steps that give something.
    private func answered(_ step: Step) async throws -> Value {
        guard step.has("phone") else { return try await verified(step) }
        let phone = try self.phone(step)
        switch try step.text("do") {
        case "enrol":
            let code = step.has("code") ? try step.text("code") : try server.invitation(step.text("person"))
            return try Value(of: await phone.enrol(code: code, label: step.text("phone"), server: server.address))
        case "sync":
            let cancellation = Cancellation()
            if step.says("cancelled") { cancellation.cancel() }
            return try Value(of: await phone.sync(cancellation: cancellation))
        case "attach":
            let bytes = step.has("bytes") ? Data(try step.text("bytes").utf8) : recording
            return try Value(of: await phone.attach(caseId: caseId(step), bytes: bytes, caption: step.text("caption")))
        case "send-attachments": return try Value(of: await phone.syncAttachments(metered: false))
        case "fetch":
            let report = try await phone.fetchAttachment(caseId: caseId(step), digest: sha256(recording))
            if report.fetched > 0 {
                let bytes = try await phone.attachmentBytes(digest: sha256(recording))
                try same(bytes, recording, "the recording")
            }
            return try Value(of: report)
        case "sign":
            let capacity = step.has("capacity") ? try step.text("capacity") : ""
            let name = try step.text("name")
            let signs = signing(role: try role(step), name: name, capacity: capacity, ownKey: step.says("own_key"))
            return try Value(of: await phone.sign(caseId: caseId(step), signing: signs))
        case "seal":
            let paper = try await phone.seal(caseId: caseId(step))
            sealed[try step.text("as")] = paper
            return try Value(of: paper)
        case "state": return .fields(["sha256": .text(try await state(phone, caseId(step)))])
        default: return try Value(of: tapped(step, phone))
        }
    }

    /// The steps that ask nobody but the phone.
    private func tapped(_ step: Step, _ phone: Device) throws -> Any {
        switch try step.text("do") {
        case "report":
            let view = try phone.report(report: report(step))
            cases[try step.text("as")] = view.id
            return view
        case "note": return try phone.note(caseId: caseId(step), text: step.text("text"))
        case "assign": return try phone.assign(caseId: caseId(step), to: step.text("to"))
        case "check-effect": return try phone.checkEffect(caseId: caseId(step), seen: step.text("seen"))
        case "close-case": return try phone.closeCase(caseId: caseId(step))
        case "consult":
            let elements = Elements(what: try step.text("what"))
            return try phone.openConsultation(caseId: caseId(step), form: .atHome, elements: elements)
        case "agree": return try phone.concludeAgreed(caseId: caseId(step), elements: elements(step, phone))
        case "disagree":
            let (reason, elements) = (try step.text("reason"), try elements(step, phone))
            return try phone.concludeNotAgreed(caseId: caseId(step), reason: reason, elements: elements)
        case "choose": return try chosen(step, phone)
        case "draft": return try phone.draftAgreement(caseId: caseId(step), draft: draft(step))
        case "freeze": return try phone.freeze(caseId: caseId(step))
        case "view":
            let view = try phone.caseView(caseId: caseId(step))
            let contested = view.history.filter { standing($0.standing) == "contested" }.count
            return Value.fields([
                "stage": try Value(of: view.stage), "assignee": try Value(of: view.assignee as Any), "look": .flag(view.look),
                "contested": .number(Int64(contested)),
            ])
        case "pending":
            let pending = try phone.pending()
            return Value.fields([
                "waiting": .number(Int64(pending.waiting)), "set_aside": .number(Int64(pending.setAside)),
                "reasons": .list(pending.reasons.map { .text($0.code) }),
            ])
        case let unknown: throw Trouble("no step is called \(unknown)")
        }
    }

    private func verified(_ step: Step) async throws -> Value {
        try same(step.text("do"), "verify", "the one step without a phone that gives something")
        var bytes = try agreement(step).bytes
        if step.says("altered") { bytes[bytes.startIndex + bytes.count / 2] ^= 1 }
        return try Value(of: await verifyAgreement(bundle: bytes, lang: .en))
    }

    private func open(_ name: String) async throws {
        phones[name] = try await Device.open(dir: folder.appendingPathComponent(name).path, lang: .en)
    }

    private func wipe(_ step: Step) async throws {
        let name = try step.text("phone")
        try same(named(name).wipeOrdered(), true, "whether it is to be wiped")
        phones[name] = nil
        let place = folder.appendingPathComponent(name).path
        try await wipeDevice(dir: place)
        try same(FileManager.default.contentsOfDirectory(atPath: place), [], "what is left in the folder")
    }

    private func report(_ step: Step) throws -> Report {
        let place = Place(community: "nanchenggen", grid: "ncg-1", detail: try step.text("detail"))
        return Report(
            channel: .inPerson,
            title: try step.text("title"),
            place: place,
            category: try step.text("category"),
            account: try step.text("account"),
            reporter: Reporter(name: "张某")
        )
    }

    private func elements(_ step: Step, _ phone: Device) throws -> Elements {
        let who = try step.texts("who").map { Participant(name: $0, capacity: "业主") }
        return Elements(who: who, whenMs: phone.nowMs(), place: "502室", why: "民法典相邻关系")
    }

    private func draft(_ step: Step) throws -> Draft {
        let commitment = Commitment(party: try step.text("party"), deed: try step.text("deed"), due: try step.text("due"))
        return Draft(
            parties: try step.texts("parties").map { Party(name: $0, kind: .resident) },
            facts: try step.text("facts"),
            terms: try step.text("terms"),
            commitments: [commitment],
            dispute: .ordinary
        )
    }

    private func chosen(_ step: Step, _ phone: Device) throws -> CaseView {
        let (kind, by, why) = (try step.text("kind"), try step.text("by"), try step.text("why"))
        let history = try phone.caseView(caseId: caseId(step)).history
        for line in history where line.kind == kind && line.by == by {
            guard case .contested(let others) = line.standing else { continue }
            return try phone.settleContest(caseId: caseId(step), holds: line.event, over: others, why: why)
        }
        throw Trouble("no contested \(kind) by \(by)")
    }

    private func role(_ step: Step) throws -> SignerRole {
        switch try step.text("role") {
        case "party": return .party
        case "witness": return .witness
        case "mediator": return .mediator
        case let unknown: throw Trouble("no role is called \(unknown)")
        }
    }

    private func state(_ phone: Device, _ id: String) async throws -> String {
        let view = try phone.caseView(caseId: id)
        guard let place = view.place else { throw Trouble("the case lies nowhere") }
        var lines = [
            "title=\(view.title)",
            "stage=\(underscored(String(describing: view.stage)))",
            "round=\(view.round)",
            "assignee=\(view.assignee ?? "")",
            "category=\(view.category)",
            "place=\(place.community)/\(place.grid)/\(place.detail)",
            "account=\(view.account)",
        ]
        lines += view.commitments.map { "commitment=\($0.index) \($0.party): \($0.deed) until \($0.due), \($0.status)" }
        lines += try phone.attachments(caseId: id).map { "attachment=\($0.digest) \($0.length) \($0.caption)" }
        if let bundle = view.agreement?.bundle {
            guard let bytes = try await phone.fetchBundle(digest: bundle) else { throw Trouble("the server has no bundle") }
            let verified = try await verifyAgreement(bundle: bytes)
            lines += verified.signers.map { "signer=\(underscored(String(describing: $0.role))) \($0.name)" }
        }
        // By their bytes: Swift's own order of texts is another.
        let history = view.history.map { "history=\($0.by) \($0.kind) \(standing($0.standing))" }
        lines += history.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        stated = lines.map { $0 + "\n" }.joined()
        return sha256(Data(stated.utf8))
    }

    private func standing(_ standing: Standing) -> String {
        switch standing {
        case .effective: return "effective"
        case .overtaken: return "overtaken"
        case .contested: return "contested"
        }
    }

    private func named(_ name: String) throws -> Device {
        guard let phone = phones[name] else { throw Trouble("no phone is called \(name)") }
        return phone
    }

    private func phone(_ step: Step) throws -> Device { try named(step.text("phone")) }

    private func caseId(_ step: Step) throws -> String {
        guard let id = cases[try step.text("case")] else { throw Trouble("no such case was reported") }
        return id
    }

    private func agreement(_ step: Step) throws -> SealedAgreement {
        guard let kept = sealed[try step.text("sealed")] else { throw Trouble("nothing of this name was sealed") }
        return kept
    }

    private func same<T: Equatable>(_ got: T, _ wanted: T, _ what: String) throws {
        guard got == wanted else { throw Trouble("\(what): got \(got), wanted \(wanted)") }
    }
}
