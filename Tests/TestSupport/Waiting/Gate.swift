/// A door that tests open: whoever waits at it goes on then.
public final class Gate: Sendable {
    private let isOpen: Watched<Bool>

    public init(open: Bool = false) { isOpen = Watched(open) }

    public func open() { isOpen.update { $0 = true } }
    public func close() { isOpen.update { $0 = false } }

    public func passed(within limit: Duration = Limits.wait) async throws {
        try await isOpen.wait(for: "the gate to open", within: limit) { $0 }
    }
}
