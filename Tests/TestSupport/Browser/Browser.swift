import Foundation

/// A real browser with a profile of its own: Debian's chromium without a window, driven as a person would use it (W3C
/// WebDriver).
///
/// Looking for an element waits until it is there, so that tests need no sleeps.
public final class Browser: Sendable {
    public struct Options: Sendable {
        /// What the browser asks pages for, such as `de`.
        public var languages = "en"
        public var runsScripts = true
        public var width = 900
        public var height = 900
        public init() {}
    }

    public struct Failed: Error, CustomStringConvertible { public let description: String }

    /// Pages that may go while an element on them is asked about.
    private static let tries = 20

    private let driver: ChildProcess
    private let profile: TemporaryDirectory
    private let session: String

    public static func start(_ options: Options = Options()) async throws -> Browser {
        let driver = try ChildProcess("chromedriver", ["--port=0"])
        // Its line has no end.
        let port = try await driver.output.state.wait(for: "chromedriver to be ready") { output in
            String(decoding: output.bytes, as: UTF8.self).firstMatch(of: /successfully on port (\d+)\./).map { $0.1 }
        }
        let profile = try TemporaryDirectory(prefix: "browser")
        let address = "http://127.0.0.1:\(port)"
        let answer = try await request("POST", address + "/session", capabilities(options, profile.path))
        guard let session = (answer as? [String: Any])?["sessionId"] as? String else {
            throw Failed(description: "no session: \(answer)")
        }
        let browser = Browser(driver: driver, profile: profile, session: "\(address)/session/\(session)")
        let wait = Limits.wait.components.seconds * 1000
        try await browser.ask("POST", "/timeouts", ["implicit": wait / 3, "pageLoad": wait])
        return browser
    }

    private init(driver: ChildProcess, profile: TemporaryDirectory, session: String) {
        self.driver = driver
        self.profile = profile
        self.session = session
    }

    public func stop() async {
        _ = try? await ask("DELETE", "")
        await driver.stop()
    }

    // MARK: What a person does

    public func open(_ address: String) async throws { try await ask("POST", "/url", ["url": address]) }

    public func click(_ selector: String) async throws {
        try await ask("POST", selector, "click", [String: String]())
    }

    /// In another tab, which is looked at from now on.
    public func openTab() async throws {
        guard let handle = (try await ask("POST", "/window/new", ["type": "tab"]) as? [String: Any])?["handle"] else {
            throw Failed(description: "no tab")
        }
        try await ask("POST", "/window", ["handle": handle])
    }

    public func turnToTab(_ number: Int) async throws {
        guard let handles = try await ask("GET", "/window/handles") as? [String], handles.indices.contains(number)
        else {
            throw Failed(description: "no tab \(number)")
        }
        try await ask("POST", "/window", ["handle": handles[number]])
    }

    public func resize(width: Int, height: Int) async throws {
        try await ask("POST", "/window/rect", ["width": width, "height": height])
    }

    /// Of a system that is set to dark colours.
    public func darken() async throws {
        let features: [[String: String]] = [["name": "prefers-color-scheme", "value": "dark"]]
        try await ask(
            "POST", "/goog/cdp/execute", ["cmd": "Emulation.setEmulatedMedia", "params": ["features": features]])
    }

    // MARK: What a person sees

    /// Of the first element, once there is one.
    public func text(_ selector: String) async throws -> String {
        try await ask("GET", selector, "text") as? String ?? ""
    }

    public func attribute(_ name: String, of selector: String) async throws -> String? {
        try await ask("GET", selector, "attribute/\(name)") as? String
    }

    public func address() async throws -> String { try await ask("GET", "/url") as? String ?? "" }

    public func source() async throws -> String { try await ask("GET", "/source") as? String ?? "" }

    /// What the browser complains about, such as something that a page's policy forbids.
    public func complaints() async throws -> [String] {
        let entries = try await ask("POST", "/se/log", ["type": "browser"]) as? [[String: Any]] ?? []
        return entries.compactMap { $0["message"] as? String }
    }

    /// A picture of the page in a PNG file.
    public func photograph(into path: String) async throws {
        guard let text = try await ask("GET", "/screenshot") as? String, let data = Data(base64Encoded: text) else {
            throw Failed(description: "no picture")
        }
        try Directory.write(Array(data), to: path)
    }

    // MARK: WebDriver

    private static func capabilities(_ options: Options, _ profile: String) -> [String: Any] {
        var preferences: [String: Any] = ["intl.accept_languages": options.languages]
        if !options.runsScripts { preferences["profile.managed_default_content_settings.javascript"] = 2 }
        // Root has no sandbox, and containers have little shared memory.
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--user-data-dir=\(profile)",
            "--window-size=\(options.width),\(options.height)",
        ]
        let chrome: [String: Any] = ["args": arguments, "prefs": preferences]
        return [
            "capabilities": [
                "alwaysMatch": ["goog:chromeOptions": chrome, "goog:loggingPrefs": ["browser": "ALL"]]
                    as [String: Any]
            ]
        ]
    }

    /// Asks about an element. One that goes with its page in between is looked for on the next page.
    @discardableResult
    private func ask(
        _ method: String, _ selector: String, _ question: String, _ body: [String: Any]? = nil
    ) async throws -> sending Any {
        for _ in 1..<Browser.tries {
            do {
                return try await ask(method, "/element/\(try await element(selector))/\(question)", body)
            } catch let failure as Failed where failure.description.contains("stale element reference") {
                continue
            }
        }
        return try await ask(method, "/element/\(try await element(selector))/\(question)", body)
    }

    private func element(_ selector: String) async throws -> String {
        let found =
            try await ask("POST", "/element", ["using": "css selector", "value": selector]) as? [String: String]
        guard let element = found?.values.first else { throw Failed(description: "no \(selector)") }
        return element
    }

    @discardableResult
    private func ask(_ method: String, _ path: String, _ body: [String: Any]? = nil) async throws -> sending Any {
        try await Browser.request(method, session + path, body)
    }

    /// - Returns: the answer's value.
    private static func request(_ method: String, _ address: String, _ body: [String: Any]?) async throws
        -> sending Any
    {
        let text = try body.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
        guard
            let answer = try await PlainHTTPClient.send(
                address, method: method, body: text, headers: ["Content-Type": "application/json; charset=utf-8"]),
            let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        else { throw Failed(description: "no answer to \(method) \(address)") }
        guard answer.status == 200 else {
            throw Failed(description: "\(method) \(address): \(answer.body.prefix(600))")
        }
        return object["value"] ?? NSNull()
    }
}
