import Crypto
import CryptoExtras
import Diagnostics
import FoundationEssentials

/// The certificate of an app registration with its private key: what signs a client assertion (RFC 7523 §2.2).
///
/// The key is an RSA key, for Entra takes no other, and belongs to the certificate.
struct ClientCertificate: Sendable {
    /// Why a file cannot be used, in a sentence without anything of its content.
    struct Unusable: Error, Equatable {
        var reason: String
    }

    /// The certificate in DER.
    let der: [UInt8]
    let notAfter: Timestamp
    let key: SigningKey

    init(certificate: Secret, privateKey: Secret) throws(Unusable) {
        let parsed = try ClientCertificate.parsed(certificate)
        der = parsed.der
        notAfter = parsed.notAfter
        do {
            key = try SigningKey(privateKey)
        } catch {
            throw Unusable(error)
        }
        guard let own = try? _RSA.Signing.PublicKey(derRepresentation: parsed.publicKey) else {
            throw Unusable(reason: "certificate: holds no RSA key of 2048 bits or more, and Entra takes no other.")
        }
        guard key.belongs(to: own) else {
            throw Unusable(
                reason:
                    "private_key: does not belong to certificate: name the key with which the certificate was made.")
        }
    }

    // MARK: The certificate

    /// When a certificate ends, and the key it is about (RFC 5280 §4.1).
    static func parsed(_ text: Secret) throws(Unusable) -> (der: [UInt8], notAfter: Timestamp, publicKey: [UInt8]) {
        guard let der = PEM(text).block("CERTIFICATE") else {
            throw Unusable(
                reason:
                    "certificate: holds no certificate in PEM (-----BEGIN CERTIFICATE-----). One in DER becomes one with "
                    + "openssl x509 -inform der -in FILE.")
        }
        var outer = DERReader(der[...])
        guard var certificate = outer.next(DERReader.Tag.sequence).map({ DERReader($0.content) }),
            var body = certificate.next(DERReader.Tag.sequence).map({ DERReader($0.content) })
        else { throw unreadable }
        // version, serialNumber, signature, issuer.
        if body.nextTag == DERReader.Tag.version { _ = body.next() }
        guard body.next(DERReader.Tag.integer) != nil, body.next(DERReader.Tag.sequence) != nil,
            body.next(DERReader.Tag.sequence) != nil,
            var validity = body.next(DERReader.Tag.sequence).map({ DERReader($0.content) }),
            validity.next() != nil, let end = validity.next().flatMap(moment),
            body.next(DERReader.Tag.sequence) != nil, let publicKey = body.next(DERReader.Tag.sequence)
        else { throw unreadable }
        return (der, end, Array(publicKey.whole))
    }

    private static let unreadable = Unusable(reason: "certificate: holds a certificate that cannot be read.")

    /// RFC 5280 §4.1.2.5.
    private static func moment(_ element: DERReader.Element) -> Timestamp? {
        var digits = String(decoding: element.content, as: UTF8.self)
        guard digits.last == "Z" else { return nil }
        digits.removeLast()
        switch element.tag {
        case DERReader.Tag.utcTime:
            guard digits.count == 12, let year = Int(digits.prefix(2)) else { return nil }
            digits = (year < 50 ? "20" : "19") + digits
        case DERReader.Tag.generalizedTime: guard digits.count == 14 else { return nil }
        default: return nil
        }
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        let parts = [0..<4, 4..<6, 6..<8, 8..<10, 10..<12, 12..<14].compactMap { range in
            Int64(digits.dropFirst(range.lowerBound).prefix(range.count))
        }
        guard parts.count == 6, (1...12).contains(parts[1]), (1...31).contains(parts[2]) else { return nil }
        let days = Timestamp.days(year: parts[0], month: parts[1], day: parts[2])
        return Timestamp(seconds: days * 86400 + parts[3] * 3600 + parts[4] * 60 + parts[5])
    }
}

extension ClientCertificate.Unusable {
    fileprivate init(_ key: SigningKey.Unusable) {
        reason =
            switch key {
            case .encrypted:
                "private_key: is encrypted, and nobody is there to type its passphrase: decrypt it with "
                    + "openssl pkey -in FILE -out NEWFILE, mode 0600."
            case .missing: "private_key: holds no private key in PEM (-----BEGIN PRIVATE KEY-----)."
            case .notRSA:
                "private_key: is no RSA key of 2048 bits or more, and Entra takes no other (no EC key): make one with "
                    + "openssl req -x509 -newkey rsa:2048 -nodes, and upload its certificate to the app registration."
            }
    }
}
