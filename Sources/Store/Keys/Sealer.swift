import Crypto
import Diagnostics
import MailModel

/// Seals secrets for the database and opens them again: AES-256-GCM with a random nonce for each value.
///
/// A sealed value is bound to its credential and field, so that a row copied onto another credential does not open.
/// Format: one octet of version (1), four of key id, then nonce (12), ciphertext and tag (16).
struct Sealer: Sendable {
    private static let version: UInt8 = 1
    private static let headOctets = 5
    private static let overheadOctets = headOctets + 12 + 16

    private let keys: KeyRing

    init(_ keys: KeyRing) { self.keys = keys }

    /// One with a single key.
    init(master: MasterKey) { keys = KeyRing(master) }

    func seal(_ secret: Secret, of owner: String, field: String, with key: MasterKey? = nil) -> [UInt8] {
        let master = key ?? keys.current
        let head = [Sealer.version] + master.id
        do {
            let box = try secret.withBytes {
                try AES.GCM.seal($0, using: master.key, authenticating: Sealer.context(head, owner, field))
            }
            guard let combined = box.combined else { preconditionFailure("a nonce of 12 octets has a combined form") }
            return head + combined
        } catch {
            preconditionFailure("AES-GCM with a key of 256 bits does not fail")
        }
    }

    func open(_ sealed: [UInt8], of owner: String, field: String) throws(Failure) -> Secret {
        guard sealed.count >= Sealer.overheadOctets, sealed[0] == Sealer.version else {
            throw refusal("The stored \(field) has a form that this version does not know.", owner)
        }
        guard let master = keys.key(sealed[1..<Sealer.headOctets]) else {
            throw refusal("The stored \(field) was sealed with another master key. Put the right key back.", owner)
        }
        let head = Array(sealed.prefix(Sealer.headOctets))
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.dropFirst(Sealer.headOctets))
            let bytes = try AES.GCM.open(box, using: master.key, authenticating: Sealer.context(head, owner, field))
            return Secret(bytes: Array(bytes))
        } catch {
            throw refusal(
                "The stored \(field) does not belong here or is damaged. Authorize the account again.", owner)
        }
    }

    /// Whether `key` sealed this.
    static func isSealed(_ sealed: [UInt8], with key: MasterKey) -> Bool {
        sealed.count >= headOctets && sealed[1..<headOctets].elementsEqual(key.id)
    }

    /// Lengths are unambiguous: owners and fields hold no NUL.
    private static func context(_ head: [UInt8], _ owner: String, _ field: String) -> [UInt8] {
        head + Array("postbote\0\(owner)\0\(field)".utf8)
    }

    private func refusal(_ reason: String, _ owner: String) -> Failure {
        Failure(.account, .whenReauthorized, operation: "open secret", reason: reason, place: ["credential": owner])
    }
}
