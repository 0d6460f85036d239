import Operations

/// Lines of a trace, as people read them.
struct TraceListing {
    let line: String

    /// `09:30:00.120 imap#3 C: A1 LIST "" "*"`; `*` is what nobody said.
    init(_ entry: TraceEntry) {
        let time = entry.time.drop { $0 != "T" }.dropFirst().prefix { $0 != "Z" }
        let place = entry.service.flatMap { service in entry.connection.map { "\(service)#\($0) " } } ?? ""
        let mark =
            switch entry.speaker {
            case .client: "C:"
            case .server: "S:"
            case .postbote: "*"
            }
        line = Printable("\(time) \(place)\(mark) \(entry.text)").description
    }
}
