import Foundation

/// What all kinds of errors hold.
extension DoorstepError {
    /// The permanent code: what an app switches on and what it logs.
    public var code: String { held.code }

    /// One sentence for the screen, in the device's language.
    public var sentence: String { held.sentence }

    /// What is missing, expected or in the way, in codes, or in the worker's own words: for their screen, never for a log.
    public var about: [String] { held.about }

    /// Whether the same call may succeed later as it is: after a while, with a network, with the key unlocked.
    public var retry: Bool { held.retry }

    private var held: (code: String, sentence: String, about: [String], retry: Bool) {
        switch self {
        case .Refused(let code, let sentence, let about, let retry),
            .Input(let code, let sentence, let about, let retry),
            .Enrolment(let code, let sentence, let about, let retry),
            .Signing(let code, let sentence, let about, let retry),
            .Network(let code, let sentence, let about, let retry),
            .Storage(let code, let sentence, let about, let retry),
            .Key(let code, let sentence, let about, let retry),
            .Busy(let code, let sentence, let about, let retry),
            .Host(let code, let sentence, let about, let retry),
            .Internal(let code, let sentence, let about, let retry):
            return (code, sentence, about, retry)
        }
    }
}

/// What an error says of itself ends up in crash reports: the code and the sentence, and nothing that anybody typed. `generate` makes
/// `errorDescription` the sentence.
extension DoorstepError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { "\(code): \(sentence)" }

    public var debugDescription: String { description }
}
