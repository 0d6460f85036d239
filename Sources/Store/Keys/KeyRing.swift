import Diagnostics
import Synchronization

/// The master keys that values of the database may be sealed with: one, and while it is being replaced the other one, too.
final class KeyRing: Sendable {
    private struct Keys {
        var current: MasterKey
        var other: MasterKey?
    }

    private let keys: Mutex<Keys>

    /// - Parameter other: what some values may be sealed with still, or already.
    init(_ current: MasterKey, other: MasterKey? = nil) { keys = Mutex(Keys(current: current, other: other)) }

    /// What is sealed from now on is sealed with this one.
    var current: MasterKey { keys.withLock { $0.current } }

    /// The one besides it.
    var former: MasterKey? { keys.withLock { $0.other } }

    /// The key that says of itself that it has this id.
    func key(_ id: some Collection<UInt8>) -> MasterKey? {
        keys.withLock { keys in [keys.current, keys.other].compactMap(\.self).first { $0.id.elementsEqual(id) } }
    }

    /// Values sealed with `key` can be opened, too.
    func admit(_ key: MasterKey) {
        keys.withLock { keys in
            // A rotation that is taken up again has turned to it already: what opens the rest is not forgotten.
            if keys.current.id != key.id { keys.other = key }
        }
    }

    /// `key` is the current one from now on, and the former one opens what it sealed.
    func turn(to key: MasterKey) {
        keys.withLock { keys in
            guard keys.current.id != key.id else { return }
            keys = Keys(current: key, other: keys.current)
        }
    }

    /// Nothing is sealed with the other key any more.
    func forgetOther() { keys.withLock { $0.other = nil } }
}
