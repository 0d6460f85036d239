import Diagnostics
import MailModel

extension Section {
    /// The value of `key` as the source of a secret. Nothing of it is repeated in errors.
    mutating func secret(_ key: String) -> SecretSource? {
        guard let entry = take(key) else { return nil }
        return Section.secret(entry.value, named: key, path: joined(key), findings)
    }

    /// A secret whose text is a file's content, PEM or JSON: a literal that is a path was meant as one.
    mutating func keyFile(_ key: String) -> SecretSource? {
        guard let source = secret(key) else { return nil }
        if case .literal(let literal) = source, !isKeyText(literal.secret), let entry = entry(key) {
            findings.error(
                at: entry.value.position, "`\(key)` must be written as {file: PATH} or hold the file's text")
            return nil
        }
        return source
    }

    static func secret(_ value: Value, named name: String, path: String, _ findings: Findings) -> SecretSource? {
        guard case .map = value.content else { return literal(value, named: name, findings) }
        return decode(value, named: "`\(name)`", path: path, at: value.position, findings) { section in
            let found = section.sources()
            if found.count != 1 {
                findings.error(
                    at: value.position, "`\(name)` must have exactly one of file, env, credential and command"
                )
            }
            return found.count == 1 ? found[0] : nil
        }
    }

    private static func literal(_ value: Value, named name: String, _ findings: Findings) -> SecretSource? {
        switch value.content {
        case .invalid: return nil
        case .scalar(let scalar) where !scalar.text.isEmpty:
            findings.literalSecret(at: value.position)
            return .literal(.init(Secret(scalar.text)))
        default:
            let words = "text, {file: PATH}, {env: NAME}, {credential: NAME} or {command: [PROGRAM, …]}"
            findings.error(at: value.position, "`\(name)` must be \(words)")
            return nil
        }
    }

    /// A source that is written but wrong counts as found, so that it is reported once.
    private mutating func sources() -> [SecretSource?] {
        let file = value("file", .absolutePath).map(SecretSource.file)
        let environment = value("env", .environmentName).map(SecretSource.environment)
        let credential = value("credential", .credentialName).map(SecretSource.credential)
        let command = list("command", of: .text("text"), mayBeEmpty: false).map(SecretSource.command)
        let sources = [("file", file), ("env", environment), ("credential", credential), ("command", command)]
        return sources.filter { has($0.0) }.map(\.1)
    }

    private func isKeyText(_ secret: Secret) -> Bool {
        let start = secret.withBytes { String(decoding: $0.prefix(11), as: UTF8.self) }
        return start.hasPrefix("-----BEGIN") || start.hasPrefix("{")
    }
}

extension Wanted where Result == String {
    fileprivate static var environmentName: Wanted {
        Wanted(words: "the name of an environment variable", isSecret: true) { scalar in
            let isName = scalar.text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            return isName && !scalar.text.isEmpty ? scalar.text : nil
        }
    }

    /// The name of a file in `$CREDENTIALS_DIRECTORY`.
    fileprivate static var credentialName: Wanted {
        Wanted(words: "the name of a systemd credential", isSecret: true) { scalar in
            let isName =
                !scalar.text.isEmpty && scalar.text != "." && scalar.text != ".."
                && scalar.text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }
            return isName ? scalar.text : nil
        }
    }
}
