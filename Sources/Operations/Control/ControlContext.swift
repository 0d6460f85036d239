import Glibc
import Hummingbird
import Logging

/// What a route knows of the request besides the request: who asks, and what they may.
struct ControlContext: RequestContext {
    struct Source: RequestContextSource {
        var logger: Logger
        var peer: Peer
        var permission: Permission
    }

    var coreContext: CoreRequestContextStorage
    let peer: Peer
    let permission: Permission

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.peer
        permission = source.permission
    }

    var maxUploadSize: Int { Limits.requestBodyOctets }

    func require(_ needed: Permission) throws(Problem) {
        guard permission.isSuperset(of: needed) else {
            throw Problem(
                .notPermitted,
                "user \(peer.user) may not do that: see `access:` in the configuration, or join the group postbote")
        }
    }

    /// Who could read the state's files as well: nothing of `access:` gives that.
    func requireOwner(daemon: UInt32 = geteuid()) throws(Problem) {
        guard peer.user == 0 || peer.user == daemon else {
            throw Problem(
                .notPermitted, "user \(peer.user) may not do that: only root may, and the service's own user")
        }
    }
}
