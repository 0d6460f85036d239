/// How long a connection took to be answered. libcurl tells that only together with TLS.
final class TrialClock {
    let addresses: TriedAddresses
    private(set) var connected: Duration?

    init(_ addresses: TriedAddresses) { self.addresses = addresses }

    /// TLS begins, or the server spoke.
    func stop() {
        guard connected == nil, let first = addresses.first else { return }
        connected = first.duration(to: .now)
    }
}
