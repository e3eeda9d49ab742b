import Foundation

/// A server that needs longer to start on an idle machine has a problem, seconds.
private let startMax = 20.0

/// What went wrong with the server or the scenario, for whoever reads the test's report.
struct Trouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The real program with the sample sub-district, in a folder of its own. Knows nothing of phones.
final class Server {
    /// Its data folder, as the administrator's commands name it.
    let data: String
    private let folder: URL
    private let program: URL
    private var process: Process?
    private var port = "0"

    init(folder: URL) throws {
        guard let named = ProcessInfo.processInfo.environment["DOORSTEP_PROGRAM"] else {
            throw Trouble("set DOORSTEP_PROGRAM to the doorstep program")
        }
        self.folder = folder
        program = URL(fileURLWithPath: named)
        data = folder.appendingPathComponent("data").path
        let place = folder.appendingPathComponent("place.toml")
        try admin("sample").write(to: place, atomically: true, encoding: .utf8)
        try admin("init", "--data", data, "--from", place.path)
        try start()
    }

    /// The address that phones are given.
    var address: String { "http://127.0.0.1:" + port }

    /// Runs a command of the administrator's and gives what it printed.
    @discardableResult
    func admin(_ arguments: String...) throws -> String {
        let done = Process()
        let printed = Pipe()
        done.executableURL = program
        done.arguments = ["--lang", "en", "admin"] + arguments
        done.standardOutput = printed
        try done.run()
        let said = String(decoding: printed.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        done.waitUntilExit()
        guard done.terminationStatus == 0 else { throw Trouble("doorstep admin \(arguments): \(said)") }
        return said
    }

    /// What the QR code for this person says.
    func invitation(_ person: String) throws -> String {
        let said = try admin("enrol", person, "--data", data, "--server", address)
        guard let code = said.range(of: #"doorstep://\S+"#, options: .regularExpression) else { throw Trouble(said) }
        return String(said[code])
    }

    /// Starts it; after a kill on the same port, because phones know no other.
    func start() throws {
        let file = folder.appendingPathComponent("port")
        try? FileManager.default.removeItem(at: file)
        let log = folder.appendingPathComponent("server.log")
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let lines = try FileHandle(forWritingTo: log)
        _ = try lines.seekToEnd()
        let begun = Process()
        begun.executableURL = program
        begun.arguments = ["serve", "--data", data, "--listen", "127.0.0.1:" + port, "--port-file", file.path]
        begun.standardInput = FileHandle.nullDevice
        begun.standardOutput = lines
        begun.standardError = lines
        try begun.run()
        process = begun
        let until = Date().addingTimeInterval(startMax)
        while Date() < until && begun.isRunning {
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            let number = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if !number.isEmpty {
                port = number
                return
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw Trouble("the server did not start:\n" + ((try? String(contentsOf: log, encoding: .utf8)) ?? ""))
    }

    /// Kills it (SIGKILL).
    func cutOff() {
        guard let running = process else { return }
        kill(running.processIdentifier, SIGKILL)
        running.waitUntilExit()
        process = nil
    }

    deinit {
        cutOff()
    }
}
