import CLibcurl
import Glibc

/// The addresses that libcurl opened sockets for, in their order. Confined to the loop of its handle.
final class TriedAddresses {
    private(set) var list: [String] = []
    private(set) var first: ContinuousClock.Instant?

    func append(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        if first == nil { first = .now }
        // libcurl has more of it than the field's type says: an IPv6 address is longer than `sockaddr`.
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return }
        let place = (UnsafeRawPointer(address) + offset).assumingMemoryBound(to: sockaddr.self)
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(place, address.pointee.addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0,
            list.count < Limits.triedAddresses
        else { return }
        let shown = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        if !list.contains(shown) { list.append(shown) }
    }
}
