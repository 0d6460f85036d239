import CLibcurl
import Glibc

/// One libcurl easy handle and what must live as long as it. Confined to the loop of the multi handle it is given to.
final class CurlEasy {
    let handle: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    /// Lives as long as the handle, which points to it.
    private var tried: TriedAddresses?

    /// From here on the addresses are remembered that a connection is tried to.
    func rememberAddresses() -> TriedAddresses {
        let addresses = TriedAddresses()
        tried = addresses
        set(CURLOPT_OPENSOCKETDATA, pointer: Unmanaged.passUnretained(addresses).toOpaque())
        return addresses
    }

    init() {
        guard let handle = curl_easy_init() else { fatalError("libcurl has no memory for a handle") }
        self.handle = handle
        errorBuffer = .allocate(capacity: Limits.errorText)
        errorBuffer.initialize(repeating: 0, count: Limits.errorText)
        set(CURLOPT_ERRORBUFFER, pointer: errorBuffer)
        // A name lookup that hangs would block whoever removes the handle, and with it the whole loop.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_NOSIGNAL, 1)
        libcurl_set_open_socket_function(handle, openSocket).expect("CURLOPT_OPENSOCKETFUNCTION")
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
        errorBuffer.deallocate()
    }

    /// libcurl's own words for what failed last; empty when it had none.
    var errorText: String { String(cString: errorBuffer) }

    var socket: Int32? {
        var descriptor: curl_socket_t = -1
        guard libcurl_get_socket(handle, &descriptor) == CURLE_OK, descriptor >= 0 else { return nil }
        return descriptor
    }

    func set(_ option: CURLoption, _ value: Int) {
        libcurl_set_long(handle, option, value).expect("option \(option.rawValue)")
    }

    func set(_ option: CURLoption, offset value: Int64) {
        libcurl_set_offset(handle, option, curl_off_t(value)).expect("option \(option.rawValue)")
    }

    func set(_ option: CURLoption, _ text: String?) {
        libcurl_set_text(handle, option, text).expect("option \(option.rawValue)")
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        libcurl_set_pointer(handle, option, pointer).expect("option \(option.rawValue)")
    }

    func set(_ option: CURLoption, function: DataFunction) {
        libcurl_set_data_function(handle, option, function).expect("option \(option.rawValue)")
    }

    func set(_ option: CURLoption, list entries: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for entry in entries {
            guard let longer = curl_slist_append(list, entry) else { fatalError("libcurl has no memory for a list") }
            list = longer
        }
        set(option, pointer: list)
        if let list { lists.append(list) }
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return libcurl_get_long(handle, info, &value) == CURLE_OK ? value : 0
    }

    /// Empty when it is not known.
    func text(_ info: CURLINFO) -> String {
        var value: UnsafePointer<CChar>?
        guard libcurl_get_text(handle, info, &value) == CURLE_OK, let value else { return "" }
        return String(cString: value)
    }

    /// What libcurl tells of the server's own certificate, the first of the chain, as `Name:value`; only where it was asked to
    /// with CURLOPT_CERTINFO.
    var certificate: [String] {
        var chain: UnsafeMutablePointer<curl_certinfo>?
        guard libcurl_get_certificates(handle, &chain) == CURLE_OK, let chain, chain.pointee.num_of_certs > 0 else {
            return []
        }
        var lines: [String] = []
        var line = chain.pointee.certinfo[0]
        while let present = line {
            lines.append(String(cString: present.pointee.data))
            line = present.pointee.next
        }
        return lines
    }

    /// A time or size; 0 when it is not known yet.
    func offset(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return libcurl_get_offset(handle, info, &value) == CURLE_OK ? Int64(value) : 0
    }
}

/// libcurl 7.88 opens sockets without the flag, and the programs that deliver mail are not to inherit them.
private let openSocket: curl_opensocket_callback = { tried, _, address in
    guard let address else { return -1 }
    if let tried { Unmanaged<TriedAddresses>.fromOpaque(tried).takeUnretainedValue().append(address) }
    let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return Glibc.socket(address.pointee.family, type, address.pointee.protocol)
}

extension CURLcode {
    /// libcurl refuses an option only when it was built without it or has no memory: neither can be handled.
    func expect(_ what: String) { precondition(self == CURLE_OK, "libcurl refuses \(what): code \(rawValue)") }
}
