import MailModel

extension Section {
    /// `folders`: names, roles, patterns, `subscribed`, or `{name, deliver_to, after_fetch}`.
    mutating func folders(_ known: KnownNames) -> [FolderSettings]? {
        var seen: Set<FolderSettings.Selector> = []
        return list("folders", mayBeEmpty: false) { section, value in
            guard let folder = section.folder(value, known) else { return nil }
            guard seen.insert(folder.selector).inserted else {
                section.findings.error(at: value.position, "this folder is listed twice in `folders`")
                return nil
            }
            return folder
        }
    }

    /// `exclude`: names, roles and patterns.
    mutating func exclude() -> [FolderSettings.Selector]? {
        list("exclude") { section, value in
            let selector = section.read(value, as: .selector, named: "an entry of `exclude`")
            if selector == .subscribed {
                section.findings.error(at: value.position, "`subscribed` cannot be excluded")
            }
            return selector
        }
    }

    private func folder(_ value: Value, _ known: KnownNames) -> FolderSettings? {
        guard case .map = value.content else {
            return read(value, as: .selector, named: "an entry of `folders`").map { FolderSettings(selector: $0) }
        }
        return Section.decode(
            value, named: "an entry of `folders`", path: joined("folders"), at: value.position, findings
        ) { section in
            let selector = section.value("name", .selector)
            let deliverTo = section.references("deliver_to", to: "destination", among: known.destinations)
            let afterFetch = section.afterFetch()
            section.missing("name", "which folder?")
            return selector.map { FolderSettings(selector: $0, deliverTo: deliverTo, afterFetch: afterFetch) }
        }
    }

    /// `keep`, `seen`, `delete`, or `{move: FOLDER}` with a role or a name.
    mutating func afterFetch() -> AfterFetch? {
        guard let entry = take("after_fetch") else { return nil }
        guard case .map = entry.value.content else {
            return read(entry.value, as: .afterFetch, named: "`after_fetch`")
        }
        return Section.decode(entry, path: joined("after_fetch"), findings) { section in
            let target = section.value("move", .selector)
            section.missing("move", "the role or name of the folder to move to")
            switch target {
            case .role(let role): return .moveToRole(role)
            case .name(let name): return .moveToFolder(name)
            case .pattern, .subscribed:
                section.findings.error(at: entry.value.position, "`move` must be one folder, a role or a name")
                return nil
            case nil: return nil
            }
        }
    }

    mutating func deleteAfter() -> [FolderRole: Duration]? {
        let pairs = map("delete_after") { [self] entry, _ -> (FolderRole, Duration)? in
            guard let role = FolderRole(rawValue: entry.key) else {
                findings.error(
                    at: entry.keyPosition, "`\(Quoted(entry.key))` is not the role of a folder", near: entry.key,
                    legal: FolderRole.allCases.map(\.rawValue)
                )
                return nil
            }
            guard !entry.value.isNull else { return nil }
            let wanted = Wanted<Duration>.duration(atLeast: .seconds(60))
            return read(entry.value, as: wanted, named: "`\(entry.key)`").map { (role, $0) }
        }
        return pairs.map { Dictionary(uniqueKeysWithValues: $0.values) }
    }
}

extension Wanted where Result == FolderSettings.Selector {
    /// A role in lower case, `subscribed`, a pattern if it has `*` or `%`, else a name. INBOX has its role however it is
    /// written (RFC 3501 §5.1).
    static var selector: Wanted {
        Wanted(words: "a folder's name, role or pattern") { scalar in
            let isText = !scalar.text.unicodeScalars.contains(where: \.isControl)
            guard !scalar.text.isEmpty, isText else { return nil }
            if let role = FolderRole(rawValue: scalar.text) { return .role(role) }
            if scalar.text.lowercased() == "inbox" { return .role(.inbox) }
            if scalar.text == "subscribed" { return .subscribed }
            return scalar.text.contains(where: { "*%".contains($0) }) ? .pattern(scalar.text) : .name(scalar.text)
        }
    }
}

extension Wanted where Result == AfterFetch {
    fileprivate static var afterFetch: Wanted {
        let words: [String: AfterFetch] = ["keep": .keep, "seen": .seen, "delete": .delete]
        return Wanted(
            words: "keep, seen, delete or {move: FOLDER}",
            suggest: { $0 == "move" ? "{move: archive}" : NearestSpelling.of($0, among: words.keys) },
            read: { words[$0.text] }
        )
    }
}
