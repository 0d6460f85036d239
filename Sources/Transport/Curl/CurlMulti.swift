import CLibcurl

/// One libcurl multi handle, driven by the loop's poller and alarms. Confined to the loop.
///
/// All its handles use one file of certificates: libcurl keeps one parsed file for each multi handle, and parses it anew
/// for every connection (26 ms, 850 KB) where the files alternate.
final class CurlMulti {
    /// Handles that were started and not removed, among them the ones of open connections.
    private(set) var count = 0

    private let handle: UnsafeMutableRawPointer
    private let poller: Poller
    private let alarms: Alarms
    private var alarm: AlarmQueue.ID?
    private var sockets: [Int32: Poller.Token] = [:]
    private var completions: [UnsafeMutableRawPointer: (CURLcode) -> Void] = [:]

    /// - Parameter keptConnections: Connections without a transfer that are kept for the next one.
    init(poller: Poller, alarms: Alarms, keptConnections: Int) {
        guard let handle = curl_multi_init() else { fatalError("libcurl has no memory for a multi handle") }
        self.handle = handle
        self.poller = poller
        self.alarms = alarms
        let context = Unmanaged.passUnretained(self).toOpaque()
        libcurl_multi_set_socket_function(handle, socketFunction).expect("CURLMOPT_SOCKETFUNCTION")
        libcurl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, context).expect("CURLMOPT_SOCKETDATA")
        libcurl_multi_set_timer_function(handle, timerFunction).expect("CURLMOPT_TIMERFUNCTION")
        libcurl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, context).expect("CURLMOPT_TIMERDATA")
        libcurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, keptConnections).expect("CURLMOPT_MAXCONNECTS")
        alarm = alarms.add { [weak self] in self?.act(CURL_SOCKET_TIMEOUT, 0) }
    }

    deinit {
        // The callbacks must not see an object that is going away.
        libcurl_multi_set_socket_function(handle, nil).expect("CURLMOPT_SOCKETFUNCTION")
        libcurl_multi_set_timer_function(handle, nil).expect("CURLMOPT_TIMERFUNCTION")
        for token in sockets.values { poller.remove(token) }
        if let alarm { alarms.remove(alarm) }
        curl_multi_cleanup(handle)
    }

    var hasRoom: Bool { count < Limits.connectionsPerMulti }

    /// Starts the transfer; `completion` is called once on the loop, later, unless the handle is removed first.
    func start(_ easy: CurlEasy, completion: @escaping (CURLcode) -> Void) {
        count += 1
        completions[easy.handle] = completion
        curl_multi_add_handle(handle, easy.handle).expect("curl_multi_add_handle")
    }

    /// Ends the transfer or closes the connection of a handle that was started. Its socket must not be watched any more.
    func remove(_ easy: CurlEasy) {
        count -= 1
        completions[easy.handle] = nil
        curl_multi_remove_handle(handle, easy.handle).expect("curl_multi_remove_handle")
    }

    /// Asks libcurl to go on soon, as after a transfer was paused.
    func continueSoon() { wake(after: 0) }

    private func act(_ socket: curl_socket_t, _ events: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(handle, socket, events, &running).expect("curl_multi_socket_action")
        var finished: [(UnsafeMutableRawPointer, CURLcode)] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            finished.append((easy, message.pointee.data.result))
        }
        // Removing a handle frees its messages, so all are taken before anybody is called.
        for (easy, code) in finished { completions.removeValue(forKey: easy)?(code) }
    }

    fileprivate func watch(_ socket: curl_socket_t, _ what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            if let token = sockets.removeValue(forKey: socket) { poller.remove(token) }
            return
        }
        let token = sockets[socket] ?? poller.add(socket) { [weak self] in self?.act(socket, $0.forCurl) }
        sockets[socket] = token
        let readiness: Poller.Readiness =
            switch what {
            case CURL_POLL_IN: .readable
            case CURL_POLL_OUT: .writable
            default: [.readable, .writable]
            }
        poller.watch(token, for: readiness, once: false)
    }

    fileprivate func wake(after milliseconds: Int) {
        guard let alarm else { return }
        // libcurl must not be called from its own callback, so even "now" comes later.
        if milliseconds < 0 { alarms.clear(alarm) } else { alarms.set(alarm, after: .milliseconds(milliseconds)) }
    }
}

extension Poller.Readiness {
    fileprivate var forCurl: Int32 {
        (contains(.readable) ? CURL_CSELECT_IN : 0) | (contains(.writable) ? CURL_CSELECT_OUT : 0)
    }
}

extension CURLMcode {
    /// A multi handle fails only when it is used wrongly or memory is gone.
    fileprivate func expect(_ what: String) { precondition(self == CURLM_OK, "\(what) failed: code \(rawValue)") }
}

private let socketFunction: curl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return 0 }
    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
    return 0
}

private let timerFunction: curl_multi_timer_callback = { _, milliseconds, context in
    guard let context else { return 0 }
    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().wake(after: milliseconds)
    return 0
}
