import Foundation

/// Folder names as IMAP4rev1 writes them (RFC 3501 §5.1.3).
public enum ModifiedUTF7 {
    public static func encode(_ name: String) -> String {
        var result = ""
        var pending: [UInt8] = []
        for character in name.unicodeScalars {
            if (0x20...0x7e).contains(character.value) {
                result += shifted(&pending) + (character == "&" ? "&-" : String(character))
            } else {
                for unit in String(character).utf16 { pending += [UInt8(unit >> 8), UInt8(unit & 0xff)] }
            }
        }
        return result + shifted(&pending)
    }

    private static func shifted(_ pending: inout [UInt8]) -> String {
        guard !pending.isEmpty else { return "" }
        defer { pending = [] }
        let text = Data(pending).base64EncodedString().replacing("=", with: "").replacing("/", with: ",")
        return "&\(text)-"
    }
}
