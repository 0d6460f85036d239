import Synchronization
import Transport

/// The proxy as of the configuration in force, for whoever connects from anywhere.
final class ProxyInForce: Sendable {
    private let proxy = Mutex<Proxy?>(nil)

    var value: Proxy? {
        get { proxy.withLock { $0 } }
        set { proxy.withLock { $0 = newValue } }
    }
}
