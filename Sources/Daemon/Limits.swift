/// What the daemon allows itself.
enum Limits {
    /// Between the first turns of two accounts after a start: a thousand accounts do not connect at once.
    static let firstTurnSpacing = Duration.milliseconds(20)
    /// For transactions that are past the final dot, and for deliveries past staging.
    static let shutdown = Duration.seconds(10)
    /// For requests on the control socket when the daemon stops.
    static let controlShutdown = Duration.seconds(2)
    /// Between two purges of what retention does not keep.
    static let purgeInterval = Duration.seconds(3600)
    /// Messages purged in one commit.
    static let purgedAtOnce = 500
    /// Octets of a message read to learn its sender, where no account was named.
    static let peekedHeader = 256 << 10
    /// Device sign-ins under way.
    static let deviceSignIns = 100
    /// Those, and the ones that ended lately.
    static let deviceSignInsRemembered = 1000
    /// A device sign-in that ended is remembered this long for whoever asks how it went.
    static let deviceSignInMemory = Duration.seconds(600)
    /// Sign-ins in a browser under way, each for ten minutes at most.
    static let browserSignIns = 100
    /// Sign-ins with a link: under way and lately over, of all links and of one.
    static let linkSignIns = 2000
    static let linkSignInsOfOne = 10
    /// What came of one is shown for so long.
    static let linkResultMemory = Duration.seconds(3600)
    /// Live checks after such sign-ins at once; the others are not made.
    static let linkChecks = 20
    /// Seconds after which a page may be asked for again when the daemon stops: a restart is over by then.
    static let restartWait = 30
    /// A link that an owner did not ask for is good for longer: they may be away.
    static let ownerLink = Duration.seconds(7 * 86_400)
    /// Owners that are told at one look; the others at the next.
    static let ownersTold = 100
    /// Messages listed at once.
    static let queuePage = 1000
    /// Audits that the daemon begins by itself and that are under way at once.
    static let auditsAtOnce = 4
    /// How often it looks whose audit is due, at the least.
    static let auditInterval = Duration.seconds(600)
    /// After an audit that failed.
    static let auditRetry = Duration.seconds(3600)
    /// Messages of a forgotten account that go in one commit.
    static let forgottenAtOnce = 1000
    /// Reads of the ledger for one page of what is looked for; each looks through some ten thousand rows.
    static let readsPerPage = 50
    /// How often it looks what ends soon and which account needs somebody.
    static let noticeInterval = Duration.seconds(300)
    /// How long an account must have needed somebody before anybody is told by mail.
    static let problemPatience = Duration.seconds(300)
    /// How often at most a notice tells of messages that stepped aside, and how many of an account's it names.
    static let putAsideInterval = Duration.seconds(3600)
    static let messagesNamed = 10
    /// Accounts that a notice names for each reason.
    static let accountsNamed = 20
    /// Octets of a line in a mail to the administrator.
    static let noticeLine = 500
    /// How much the end of a consent may differ from one refresh to the next and be the same end.
    static let sameEnd = Duration.seconds(86_400)
    /// Traces under way at once, of all accounts.
    static let traces = 4
    /// A whole doctor.
    static let doctor = Duration.seconds(300)
    /// One step of it. Exchange proxies the first access of a session for seconds, and a refresh ends after 30 s at most.
    static let doctorStep = Duration.seconds(60)
    /// How long its test mail is looked for, and how often.
    static let testMailWait = Duration.seconds(90)
    static let testMailInterval = Duration.seconds(3)
    /// The newest messages that are looked through for it.
    static let testMailAmong = 50
    /// Senders that the server is asked about.
    static let doctorSenders = 20
    /// Doctor warns of a server's certificate or a consent that ends sooner.
    static let endsSoon = Duration.seconds(14 * 86400)
    /// The same of the secret or certificate that proves an app.
    static let proofEndsSoon = Duration.seconds(30 * 86400)
    /// Octets that a destination should have room for.
    static let leastRoom: Int64 = 1 << 30
    /// How often health is told to the service manager.
    static let statusInterval = Duration.seconds(10)

    // What support is told (`postbote report`).

    /// Accounts told in full; their folders; credentials.
    static let reportedAccounts = 40
    static let reportedFolders = 40
    static let reportedCredentials = 100
    /// Things that end; findings of `check-config`; files of the configuration.
    static let reportedLines = 50
    /// How long a file system or the database may take to answer.
    static let reportPatience = Duration.seconds(30)
    /// Octets of a file that the system describes itself in.
    static let systemFile = 1 << 20
}
