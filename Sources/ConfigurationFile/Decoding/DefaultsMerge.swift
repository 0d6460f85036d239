extension Value {
    /// The keys of an account whose maps are merged with those of `defaults` key by key. All other values replace,
    /// a secret and `after_fetch` too: half of one and half of another would be neither.
    private static let mergedKeys: Set<String> = ["receive", "send", "rate", "delete_after"]

    /// This account's map, with what it does not say taken from `defaults`. Every key and value keeps the position where
    /// it was written. An explicit null stays, and unsets.
    func merged(over defaults: Value) -> Value {
        guard case .map(let own) = content, case .map(let given) = defaults.content else { return self }
        let written = Dictionary(own.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let ownEntries = own.map { entry in
            guard Value.mergedKeys.contains(entry.key), let beneath = given.first(where: { $0.key == entry.key })
            else {
                return entry
            }
            return Entry(
                key: entry.key, keyPosition: entry.keyPosition, value: entry.value.merged(over: beneath.value)
            )
        }
        return Value(content: .map(ownEntries + given.filter { written[$0.key] == nil }), position: position)
    }
}
