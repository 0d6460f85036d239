import MailModel

/// Where a listener of ours accepts connections.
struct Listener {
    /// `HOST:PORT` as it is written.
    var text: String
    var isLoopback: Bool
}

extension Wanted where Result == Listener {
    /// An IP address or `localhost`, with a port: a name could mean another machine tomorrow.
    static var listener: Wanted {
        Wanted(words: "an IP address and port such as 127.0.0.1:8025 or [::1]:8025") { scalar in
            guard let (host, port) = WebAddress.split(scalar.text[...]), port != nil,
                host.isAddress || host.isLoopback
            else { return nil }
            return Listener(text: scalar.text, isLoopback: host.isLoopback)
        }
    }
}

extension Wanted where Result == IPNetwork {
    /// A name could mean another machine tomorrow.
    static var network: Wanted {
        Wanted(
            words: "an IP address, or a network such as 10.0.0.0/8",
            suggest: { $0.lowercased() == "localhost" ? "127.0.0.1" : nil }, read: { IPNetwork($0.text) })
    }
}
