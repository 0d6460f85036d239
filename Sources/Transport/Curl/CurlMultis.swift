/// The multi handles of one loop: several for each file of certificates, none with more than its share of connections.
/// Confined to the loop.
final class CurlMultis {
    private let poller: Poller
    private let alarms: Alarms
    private let keptConnections: Int
    private var multis: [(bundle: CABundle, multi: CurlMulti)] = []

    /// - Parameter keptConnections: Connections without a transfer that each multi handle keeps for the next one.
    init(poller: Poller, alarms: Alarms, keptConnections: Int) {
        self.poller = poller
        self.alarms = alarms
        self.keptConnections = keptConnections
    }

    /// One with room for another connection.
    func multi(for bundle: CABundle) -> CurlMulti {
        if let found = multis.first(where: { $0.bundle == bundle && $0.multi.hasRoom }) { return found.multi }
        dropEmpty()
        let multi = CurlMulti(poller: poller, alarms: alarms, keptConnections: keptConnections)
        multis.append((bundle, multi))
        return multi
    }

    /// Those nobody uses are given up, oldest first, when there are more than a few: their certificates changed.
    private func dropEmpty() {
        var excess = multis.count(where: { $0.multi.count == 0 }) - Limits.emptyMultis
        multis.removeAll { entry in
            guard entry.multi.count == 0, excess > 0 else { return false }
            excess -= 1
            return true
        }
    }
}
