import CLibcurl

/// What the libraries say of themselves, as they are loaded.
public enum LibraryVersions {
    public static var curl: String { text(\.version) ?? "unknown" }

    /// The library behind libcurl's TLS: `OpenSSL/3.5.0`.
    public static var tls: String { text(\.ssl_version) ?? "none" }

    private static func text(_ field: KeyPath<curl_version_info_data, UnsafePointer<CChar>?>) -> String? {
        libcurl_version()?.pointee[keyPath: field].map { String(cString: $0) }
    }
}
