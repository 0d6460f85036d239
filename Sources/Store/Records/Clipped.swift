extension String {
    /// At most `count` octets, cut between characters: others' words have no other limit.
    func clipped(toOctets count: Int) -> String {
        guard utf8.count > count else { return self }
        var result = String(decoding: utf8.prefix(count), as: UTF8.self)
        while result.utf8.count > count { result.removeLast() }
        return result
    }
}
