import Operations

/// Drawings in the pages themselves: their colour is the text's around them.
enum Icons {
    static let letter: HTML = """
        <svg aria-hidden="true" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" \
        stroke-width="1.8" stroke-linejoin="round"><rect x="3" y="5.5" width="18" height="13" rx="2"/>\
        <path d="m3.5 7 8.5 6.5L20.5 7"/></svg>
        """

    static func of(_ state: OwnerCheck.State) -> HTML {
        let drawing: HTML =
            switch state {
            case .ok: "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"m7.5 12.4 3 3 6-6.4\"/>"
            case .failed: "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"m8.5 8.5 7 7m0-7-7 7\"/>"
            case .running: "<path d=\"M12 2a10 10 0 1 1-10 10\"/>"
            case .waiting: "<circle cx=\"12\" cy=\"12\" r=\"10\"/>"
            case .skipped: "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M8 12h8\"/>"
            }
        return """
            <svg aria-hidden="true" viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" \
            stroke-width="2" stroke-linecap="round" stroke-linejoin="round">\(drawing)</svg>
            """
    }
}
