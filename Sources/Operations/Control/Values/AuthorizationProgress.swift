import Diagnostics

/// How far a sign-in is.
public struct AuthorizationProgress: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable {
        /// Somebody must open the page.
        case waiting
        /// The consent is stored.
        case done
        case failed
    }

    /// What the person who signs in is asked to do (RFC 8628 §3.2).
    public struct Instructions: Codable, Hashable, Sendable {
        public var verificationURI: String
        public var userCode: String
        /// The provider's own sentence, in the language it chose.
        public var message: String?
        public var expires: Timestamp

        enum CodingKeys: String, CodingKey {
            case verificationURI = "verification_uri"
            case userCode = "user_code"
            case message, expires
        }

        public init(verificationURI: String, userCode: String, message: String? = nil, expires: Timestamp) {
            self.verificationURI = verificationURI
            self.userCode = userCode
            self.message = message
            self.expires = expires
        }
    }

    /// Where the person who signs in goes with a browser (RFC 6749 §4.1.1).
    public struct Browser: Codable, Hashable, Sendable {
        public var authorizeURL: String
        /// Where the provider sends the browser afterwards.
        public var redirectURI: String
        public var expires: Timestamp

        enum CodingKeys: String, CodingKey {
            case authorizeURL = "authorize_url"
            case redirectURI = "redirect_uri"
            case expires
        }

        public init(authorizeURL: String, redirectURI: String, expires: Timestamp) {
            self.authorizeURL = authorizeURL
            self.redirectURI = redirectURI
            self.expires = expires
        }
    }

    /// Something that must be done once, so that an app may open the mailbox without a sign-in.
    public struct SetupStep: Codable, Hashable, Sendable {
        public var text: String
        /// Addresses to open and commands to run, as they are.
        public var lines: [String]

        public init(text: String, lines: [String] = []) {
            self.text = text
            self.lines = lines
        }
    }

    /// Names this sign-in in later questions; empty where none can follow.
    public var id: String
    public var state: State
    public var instructions: Instructions?
    /// Of a sign-in in a browser.
    public var browser: Browser?
    /// Of an app that signs in itself.
    public var setup: [SetupStep]?
    /// Who signed in, as far as the provider told.
    public var identity: String?
    /// Why the consent will not last, and what to do, although the sign-in is done.
    public var warning: String?
    public var problem: ErrorReport?
    /// When it is done: the other direction (`receive` or `send`), which needs a consent of its own and has none.
    public var missing: String?

    public init(
        id: String, state: State, instructions: Instructions? = nil, browser: Browser? = nil, identity: String? = nil,
        warning: String? = nil, problem: ErrorReport? = nil
    ) {
        self.id = id
        self.state = state
        self.instructions = instructions
        self.browser = browser
        self.identity = identity
        self.warning = warning
        self.problem = problem
    }
}
