import MailModel

/// Where a folder's mail lies below a destination's `path:`.
///
/// INBOX is the Maildir itself; any other folder is a Maildir++ subfolder `.Parent.Child`, unless the path names the
/// folder with `{folder}`. What a server names is never trusted: slashes, dots at the wrong place, control characters
/// and overlong names are replaced, and a name that had to be changed carries a hash, so that two folders never meet.
enum MaildirLayout {
    static func path(template: String, account: Account, folder: FolderPath) -> (path: String, isSubfolder: Bool) {
        let isInbox = folder.components.count == 1 && folder.components[0].uppercased() == "INBOX"
        var path = template.replacing("{account}", with: account.name.text)
            .replacing("{address}", with: sanitised(account.address, keepingDots: true))
        if path.contains("{folder}") {
            path = path.replacing("{folder}", with: joined(folder))
            return (path, false)
        }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if isInbox { return (path, false) }
        return (path + "/." + joined(folder), true)
    }

    /// All levels as one component, which a file system may not take at any length: what is cut carries a hash.
    private static func joined(_ folder: FolderPath) -> String {
        let name = folder.components.map { sanitised($0) }.joined(separator: ".")
        guard name.utf8.count > Limits.joinedNameOctets else { return name }
        var cut = name
        while cut.utf8.count > Limits.joinedNameOctets - 9 { cut.removeLast() }
        return cut + "~" + fingerprint(folder.components.joined(separator: "/"))
    }

    /// `name` as one component: no `/`, no control characters, not too long; no `.` either, which separates the
    /// components of a Maildir++ name, unless `keepingDots`, which still keeps it from the beginning.
    static func sanitised(_ name: String, keepingDots: Bool = false) -> String {
        var changed = name.isEmpty
        var result = ""
        for scalar in name.unicodeScalars {
            let isSafeDot = scalar != "." || (keepingDots && !result.isEmpty)
            let isSafe = scalar != "/" && isSafeDot && scalar.value >= 32 && scalar.value != 127
            if !isSafe { changed = true }
            result.unicodeScalars.append(isSafe ? scalar : "_")
        }
        while result.utf8.count > Limits.folderNameOctets {
            result.removeLast()
            changed = true
        }
        return changed ? result + "~" + fingerprint(name) : result
    }

    /// FNV-1a: enough to tell the folders of one account apart, and the same for ever.
    private static func fingerprint(_ name: String) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return withUnsafeBytes(of: hash.bigEndian) { Array($0) }.hexadecimal
    }
}
