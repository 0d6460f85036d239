import Testing

@testable import ConfigurationFile

@Suite("The control socket's path")
struct ControlSocketSettingTests {
    @Test(
        "is found without reading the rest",
        arguments: [
            ("control_socket: /a/b.sock\n", "/a/b.sock"), ("x: 1\ncontrol_socket:   /a # here\ny: [\n", "/a"),
            ("control_socket: \"/a b\"\n", "/a b"), ("control_socket: '/a#b'", "/a#b"),
            ("control_socket:\t/a\r\nx: 1", "/a"), ("accounts:\n  control_socket: /a\n", nil),
            ("# control_socket: /a\n", nil), ("control_socket:\n", nil), ("control_socket: relative\n", nil),
            ("control_socket2: /a\n", nil), ("", nil),
        ] as [(String, String?)])
    func found(text: String, path: String?) { #expect(ConfigurationReader.controlSocket(in: text) == path) }

    @Test("is in the runtime directory where nothing says otherwise")
    func usual() {
        let reader = ConfigurationReader(
            option: "/nowhere/postbote.yaml", environment: ["RUNTIME_DIRECTORY": "/run/elsewhere"])
        #expect(reader.controlSocket() == "/run/elsewhere/postbote.sock")
        #expect(
            ConfigurationReader(option: "/nowhere", environment: [:]).controlSocket() == "/run/postbote/postbote.sock"
        )
    }
}
