/// The configuration files of a Dovecot that has everything inside one directory.
struct DovecotConfiguration {
    let base: String
    let options: DovecotOptions
    let ports: [DovecotService: Int]
    /// Whom Dovecot's own processes and the mail processes run as. They must not be root, so root needs others.
    let internalUser: SystemUser
    let loginUser: SystemUser
    let mailUser: SystemUser

    init(base: String, options: DovecotOptions, ports: [DovecotService: Int]) throws {
        self.base = base
        self.options = options
        self.ports = ports
        func user(_ name: String) throws -> SystemUser {
            guard SystemUser.isRoot else { return .current }
            guard let user = SystemUser(named: name) else { throw SystemError("find user", path: name, code: 2) }
            return user
        }
        internalUser = try user("dovecot")
        loginUser = try user("dovenull")
        mailUser = try user("mail")
    }

    var main: String {
        [settings, authentication, storage, services, options.extra].joined(separator: "\n") + "\n"
    }

    /// The passwd-file: passwords for PLAIN and LOGIN, and where everybody's mail is.
    var users: String {
        options.users.map { user in
            "\(user.name):{PLAIN}\(user.password):\(mailUser.identity):\(mailUser.group)::\(base)/mail/\(user.name)::\n"
        }.joined()
    }

    /// The oauth2 passdb's settings: a token is good for the mailbox of its `upn`.
    var oauth2ForUser: String { oauth2("username_attribute = upn\nusername_format = %Lu\n") }

    /// A token whose `claim` is `value` is good for every mailbox.
    func oauth2(claim: String, value: String) -> String {
        // The format is applied to the name in the token and to the one asked for: a constant makes them equal.
        oauth2(
            """
            username_attribute = \(claim)
            username_format = anybody
            active_attribute = \(claim)
            active_value = \(value)

            """)
    }

    private func oauth2(_ rule: String) -> String {
        """
        introspection_mode = local
        local_validation_key_dict = fs:posix:prefix=\(base)/keys/
        issuers = \(options.issuer)
        audience = \(options.audience)
        \(rule)
        """
    }

    private var settings: String {
        """
        base_dir = \(base)/run
        state_dir = \(base)/state
        log_path = /dev/stderr
        log_timestamp = "%Y-%m-%d %H:%M:%S.%{usecs} "
        auth_verbose = yes
        auth_debug = \(options.debug ? "yes" : "no")
        protocols = imap pop3 submission lmtp
        listen = 127.0.0.1
        hostname = localhost
        ssl = \(options.requiresTLS ? "required" : "yes")
        ssl_cert = <\(base)/certificate.pem
        ssl_key = <\(base)/key.pem
        ssl_min_protocol = TLSv1.2
        default_internal_user = \(internalUser.name)
        default_internal_group = \(internalUser.groupName)
        default_login_user = \(loginUser.name)
        default_client_limit = 5000
        default_vsz_limit = 1G
        # Refusals come at once, and repeated ones are not slowed down.
        auth_failure_delay = 0
        \(options.imapCapabilities.map { "imap_capability = \($0)" } ?? "")
        # Only with UIDs kept by name can a POP3 server tell identical messages apart after they were put in anew.
        pop3_uidl_format = %08Xu%08Xv
        mail_max_userip_connections = \(options.sessionsPerUser)
        submission_relay_host = \(options.relay?.host ?? "127.0.0.1")
        submission_relay_port = \(options.relay?.port ?? 9)
        """
    }

    private var authentication: String {
        let delegations = options.delegations.keys.sorted().map { mailbox in
            passdb("username_filter = \(mailbox)\n", arguments: "\(base)/oauth2-\(mailbox).conf")
        }
        return """
            auth_mechanisms = \(options.mechanisms.joined(separator: " "))
            \(passdb("", arguments: "\(base)/oauth2-user.conf"))
            \(passdb("", arguments: "\(base)/oauth2-app.conf"))
            \(delegations.joined(separator: "\n"))
            passdb {
              driver = passwd-file
              mechanisms = plain login
              args = \(base)/users
            }
            userdb {
              driver = passwd-file
              args = \(base)/users
            }
            """
    }

    private func passdb(_ filter: String, arguments: String) -> String {
        """
        passdb {
          driver = oauth2
          mechanisms = xoauth2 oauthbearer
          \(filter)args = \(arguments)
        }
        """
    }

    private var storage: String {
        let folders = [
            ("Sent", "Sent"), ("Drafts", "Drafts"), ("Junk", "Junk"), ("Trash", "Trash"), ("Archive", "Archive"),
        ]
        let mailboxes = folders.map { name, use in
            "  mailbox \(name) {\n    auto = create\n    special_use = \\\(use)\n  }\n"
        }
        return """
            first_valid_uid = 1
            first_valid_gid = 1
            mail_location = maildir:~/Maildir:UTF-8
            # Files that tests put into the Maildir are seen although the directory's second did not change.
            maildir_very_dirty_syncs = no
            namespace inbox {
              inbox = yes
              separator = /
            \(mailboxes.joined())}
            """
    }

    private var services: String {
        let logins = Dictionary(grouping: DovecotService.allCases, by: \.loginService)
        let listeners = logins.keys.sorted().map { name in
            let inner = (logins[name] ?? []).map { service in
                """
                  inet_listener \(service.rawValue) {
                    address = 127.0.0.1
                    port = \(ports[service] ?? 0)
                    ssl = \(service.hasImplicitTLS ? "yes" : "no")
                  }

                """
            }
            // One process for all sessions: 1,000 connections need no 1,000 login processes.
            let shape =
                name == "lmtp"
                ? "" : "  chroot =\n  service_count = 0\n  process_min_avail = 1\n  process_limit = 1\n"
            return "service \(name) {\n\(shape)\(inner.joined())}"
        }
        return listeners.joined(separator: "\n") + """

            service anvil {
              chroot =
              unix_listener anvil-auth-penalty {
                mode = 0
              }
            }
            service stats {
              chroot =
            }
            service imap {
              process_limit = 2000
            }
            service pop3 {
              process_limit = 500
            }
            service submission {
              process_limit = 500
            }
            """
    }
}
