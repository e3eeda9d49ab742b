extension Device {
    /// Syncs as `sync` does, and is called off with the task that awaits it: it ends at its next request, and the report says
    /// `cancelled`. What was done stays.
    ///
    /// `sync` by itself goes on when its task is cancelled: Swift tells the library nothing of it.
    public func syncUntilCancelled(progress: ProgressListener? = nil) async throws -> SyncReport {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await sync(progress: progress, cancellation: cancellation)
        } onCancel: {
            cancellation.cancel()
        }
    }
}
