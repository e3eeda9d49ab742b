/// News that is kept for a loop that is busy with earlier news. What comes on top is not taken, and the device then says
/// `manyChanged` with the next: nothing is missed, and nothing grows.
private let newsKept = 64

extension Device {
    /// What happens on this device from now on: documents that change, how syncs go, what is set aside. Ends with the device; leaving
    /// the loop ends the listening.
    ///
    /// The first is always `manyChanged`: a screen that reads what it shows whenever it is told so has no gap between its first look
    /// and the first change.
    ///
    ///     for await news in try phone.news() { if case .changed(let ids) = news { show(ids) } }
    public func news() throws -> AsyncStream<News> {
        let (stream, continuation) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingOldest(newsKept))
        let observation = try observe(listener: Forwarding(to: continuation))
        continuation.yield(.manyChanged)
        continuation.onTermination = { _ in observation.end() }
        return stream
    }
}

/// Puts what a device tells into a stream.
private final class Forwarding: Listener {
    private let continuation: AsyncStream<News>.Continuation

    init(to continuation: AsyncStream<News>.Continuation) {
        self.continuation = continuation
    }

    deinit {
        continuation.finish()
    }

    func heard(news: News) throws {
        if case .dropped = continuation.yield(news) { throw ListenerFailure.Failed }
    }
}
