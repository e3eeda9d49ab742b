import Foundation

@testable import Doorstep

/// A value of the scenario's file, or one of the library's brought into the same form.
enum Value: Decodable, Equatable {
    case nothing
    case flag(Bool)
    case number(Int64)
    case text(String)
    case list([Value])
    case fields([String: Value])

    init(from decoder: Decoder) throws {
        let one = try decoder.singleValueContainer()
        if one.decodeNil() {
            self = .nothing
        } else if let flag = try? one.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? one.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? one.decode(String.self) {
            self = .text(text)
        } else if let list = try? one.decode([Value].self) {
            self = .list(list)
        } else {
            self = .fields(try one.decode([String: Value].self))
        }
    }

    /// What a step gave. A record becomes its fields, by the names that the file uses.
    init(of given: Any) throws {
        let mirror = Mirror(reflecting: given)
        switch given {
        case let value as Value: self = value
        case let flag as Bool: self = .flag(flag)
        case let text as String: self = .text(text)
        case let number as UInt64: self = .number(Int64(number))
        case let number as UInt32: self = .number(Int64(number))
        case let number as Int64: self = .number(number)
        case let number as Int: self = .number(Int64(number))
        default:
            switch mirror.displayStyle {
            case .optional: self = try mirror.children.first.map { try Value(of: $0.value) } ?? .nothing
            case .collection: self = .list(try mirror.children.map { try Value(of: $0.value) })
            case .enum: self = .text(underscored(mirror.children.first?.label ?? String(describing: given)))
            case .struct: self = .fields(try Value.named(mirror))
            default: throw Trouble("\(given) has no form in the scenario")
            }
        }
    }

    private static func named(_ mirror: Mirror) throws -> [String: Value] {
        var fields: [String: Value] = [:]
        for child in mirror.children {
            // Bytes and floating-point numbers are looked at by the steps themselves.
            guard let label = child.label, let value = try? Value(of: child.value) else { continue }
            fields[underscored(label)] = value
        }
        return fields
    }
}

/// `inPerson` as `in_person`.
func underscored(_ name: String) -> String {
    name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
}

/// One step, as the file has it.
struct Step {
    let fields: [String: Value]

    func has(_ name: String) -> Bool { fields[name] != nil }

    func text(_ name: String) throws -> String {
        guard case .text(let text) = fields[name] else { throw Trouble("\(name) is missing") }
        return text
    }

    func texts(_ name: String) throws -> [String] {
        guard case .list(let list) = fields[name] else { throw Trouble("\(name) is missing") }
        return try list.map { one in
            guard case .text(let text) = one else { throw Trouble("\(name) is no list of texts") }
            return text
        }
    }

    func says(_ name: String) -> Bool { fields[name] == .flag(true) }

    func part(_ name: String) -> [String: Value]? {
        guard case .fields(let part) = fields[name] else { return nil }
        return part
    }
}

/// The steps of `bindings/conformance/scenario.json`.
func scenario() throws -> [Step] {
    struct Written: Decodable {
        let steps: [[String: Value]]
    }
    let bindings = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let file = bindings.appendingPathComponent("conformance").appendingPathComponent("scenario.json")
    return try JSONDecoder().decode(Written.self, from: Data(contentsOf: file)).steps.map { Step(fields: $0) }
}
