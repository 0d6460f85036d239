/// What happened, as one word: the field `EVENT=`, on which filters and alarms are built. A name is never given a new meaning.
public enum EventName: String, Sendable, CaseIterable {
    // The daemon.
    case starting, ready, stopping, stopped
    case reloaded
    case reloadRefused = "reload_refused"
    case restartNeeded = "restart_needed"
    case configurationError = "configuration_error"
    case configurationWarning = "configuration_warning"
    case daemonStateChanged = "daemon_state_changed"
    case failure

    // Accounts and their credentials.
    case accountStateChanged = "account_state_changed"
    case tokenRefreshed = "token_refreshed"
    case consentStored = "consent_stored"
    case traceBegan = "trace_began"
    case linkCreated = "link_created"
    case linkUsed = "link_used"
    case linkRefused = "link_refused"
    case loginFound = "login_found"
    case clientProofRefused = "client_proof_refused"
    case expiresSoon = "expires_soon"
    case noticeFailed = "notice_failed"

    // Fetched mail.
    case folderOpened = "folder_opened"
    case folderMoved = "folder_moved"
    case folderRenamed = "folder_renamed"
    case folderRecovered = "folder_recovered"
    case accountPaused = "account_paused"
    case backfillStarted = "backfill_started"
    case secondConnectionFailed = "second_connection_failed"
    case backfillFinished = "backfill_finished"
    case messageRecognised = "message_recognised"
    case messageRevised = "message_revised"
    case messageDuplicate = "message_duplicate"
    case fetchFinished = "fetch_finished"
    case messageDelivered = "message_delivered"
    case messageTooLarge = "message_too_large"
    case messageGone = "message_gone"
    case fetchDeferred = "fetch_deferred"
    case stagingLost = "staging_lost"
    case messageQuarantined = "message_quarantined"
    case serverCopyChanged = "server_copy_changed"
    case quarantineOrder = "quarantine_order"
    case mailOrder = "mail_order"
    case redeliveryFailed = "redelivery_failed"
    case deliveryDeferred = "delivery_deferred"
    case messageUnaccounted = "message_unaccounted"
    case auditFinished = "audit_finished"
    case maildirImported = "maildir_imported"
    case accountForgotten = "account_forgotten"

    // Sent mail.
    case messageQueued = "message_queued"
    case messageRefused = "message_refused"
    case messageSent = "message_sent"
    case messageDeferred = "message_deferred"
    case messageFailed = "message_failed"
    case messageInDoubt = "message_in_doubt"
    case messageHeld = "message_held"
    case messageReleased = "message_released"
    case messageRetried = "message_retried"
    case messageCancelled = "message_cancelled"
    case recipientSent = "recipient_sent"
    case recipientDeferred = "recipient_deferred"
    case recipientFailed = "recipient_failed"
}
