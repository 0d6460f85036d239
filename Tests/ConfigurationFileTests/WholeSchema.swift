/// A configuration with every key of the schema, one a line, and right.
enum WholeSchema {
    /// Names that the operator chooses, which are no keys of the schema.
    static let names: Set<String> = [
        "crm", "erp", "contoso", "app", "workspace", "own", "single", "renewing", "inbox", "hook", "local", "script",
        "support",
        "X-Token", "junk", "sent",
    ]

    static let text = """
        state_directory: /srv/postbote
        control_socket: /run/pb/control.sock
        poll_interval: 10m
        log_level: debug
        notify: admin@contoso.de
        notify_via: support
        notify_owner: true
        proxy:
          url: http://user:p%40ss@proxy:3128
          except: [localhost, "::1"]
        retention:
          sent: 8d
          failed: 31d
          history: 401d
        access:
          send: [www-data, "@mail"]
          token: [crm]
          manage: [root]
        console:
          listen: 127.0.0.1:8025
          public_url: https://post.contoso.de
          trusted_proxies: [127.0.0.1, 10.0.0.0/8]
        api:
          listen: 0.0.0.0:8026
          tls:
            certificate: /etc/postbote/api.pem
            key: /etc/postbote/api.key
          tokens:
            crm:
              scopes: [read, send]
              hash: sha256-abc
        submission:
          listen: [127.0.0.1:2525, "[::1]:2525"]
          tls:
            certificate: /etc/postbote/submission.pem
            key: /etc/postbote/submission.key
          users:
            erp:
              password_hash: abc
              accounts: [support]
        providers:
          contoso:
            preset: microsoft365
            cloud: global
            tenant: contoso.onmicrosoft.com
            client_id: 5b1e1333-a5c4-4f08-bde5-9953cfc8b13e
            client_secrets:
              - value: {credential: contoso-secret}
                expires: 2027-07-22
              - value: {file: /etc/postbote/new-secret}
                expires: never
            grant: authorization_code
            issuer: https://login.example.org/x
            authorize_url: https://login.example.org/a
            token_url: https://login.example.org/t
            device_url: https://login.example.org/d
            redirect_uri: http://localhost
            revoke_url: https://login.example.org/r
            scopes: [a, offline_access]
            imap:
              host: imap.example.org
              port: 1993
              tls: implicit
            pop3:
              host: pop.example.org
              port: 1110
              tls: starttls
            smtp:
              host: 127.0.0.1
              port: 2525
              tls: none
            ca_file: /etc/ssl/own.pem
            verify_certificate: true
            certificate_name: mail.example.org
            files_sent: false
            helo_name: post.contoso.de
          app:
            preset: microsoft365
            tenant: 5b1e1333-a5c4-4f08-bde5-9953cfc8b13e
            client_id: app
            certificate: {file: /etc/postbote/app.pem}
            private_key: {file: /etc/postbote/app.key}
            grant: client_credentials
          renewing:
            preset: outlook
            client_id: app
            certificates:
              - certificate: {file: /etc/postbote/old.pem}
                private_key: {file: /etc/postbote/old.key}
              - certificate: {file: /etc/postbote/new.pem}
                private_key: {file: /etc/postbote/new.key}
          workspace:
            preset: gmail
            grant: service_account
            key: {file: /etc/postbote/google.json}
          own:
            preset: generic
            grant: password
            imap: {host: mail.example.org}
            smtp: {host: mail.example.org}
          single:
            preset: generic
            client_id: x
            client_secret: {env: SECRET}
            client_secret_expires: never
            token_url: https://auth.example.org/token
            smtp: {host: smtp.example.org, tls: starttls}
        destinations:
          inbox:
            type: maildir
            path: /srv/mail/{account}
            group: crm
            mode: 0660
          hook:
            type: webhook
            url: https://crm.contoso.de/mail
            secret: {file: /etc/postbote/crm}
            headers:
              X-Token: {file: /etc/postbote/crm-token}
          local:
            type: lmtp
            address: unix:/run/dovecot/lmtp
            recipient: "{address}"
          script:
            type: pipe
            command: [/usr/bin/import, "{account}", "{folder}"]
            timeout: 90s
        defaults:
          provider: contoso
        accounts:
          support:
            address: support@contoso.de
            previously: [info]
            login: Support@contoso.de
            authorized_as: anna@contoso.de
            enabled: true
            log_level: warning
            receive:
              enabled: true
              provider: contoso
              protocol: imap
              folders:
                - INBOX
                - name: junk
                  deliver_to: [script]
                  after_fetch: seen
                - Kunden/*
                - Archiv
                - subscribed
              exclude: [trash, Alt/*]
              folders_overlap: each
              idle: false
              poll_interval: 2m
              since: 2026-01-01
              max_message_size: 50MB
              daily_download: 2GB
              after_fetch:
                move: archive
              after_fetch_grace: 20m
              delete_after:
                inbox: 30d
                junk: 14d
              deliver_to: [inbox, hook]
            send:
              enabled: true
              provider: single
              from: [Support@Contoso.DE]
              login: anna@contoso.de
              save_sent: never
              rate:
                messages_per_minute: 31
                recipients_per_day: 10001
                connections: 4
              max_age: 6d
              parked_max: 8d
              in_doubt: retry
              in_doubt_unresolved: retry
          erp:
            address: erp@contoso.de
            provider: own
            password: {command: [/usr/bin/pass, erp]}
            receive: {}

        """
}
