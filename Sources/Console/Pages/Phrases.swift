/// What the pages say. German addresses the reader with Sie.
enum Phrases {
    // MARK: A link

    static let invite = Phrase("Give access to a mailbox", de: "Zugriff auf ein Postfach erlauben")
    static let mailbox = Phrase("Mailbox", de: "Postfach")
    static let mailboxes = Phrase("Mailboxes", de: "Postfächer")
    static let andMore = Phrase("and %1 more", de: "und %1 weitere")
    static let signInAs = Phrase("Sign in at %1 as", de: "Anmelden bei %1 als")
    static let allow = Phrase("What you allow", de: "Was Sie erlauben")
    static let allowReading = Phrase(
        "The program Postbote on %1 may open the mailbox, fetch its mail, and change or delete mail there if it is set up so.",
        de:
            "Das Programm Postbote auf %1 darf das Postfach öffnen, Mails abholen und dort, wenn es so eingerichtet ist, Mails "
            + "ändern oder löschen.")
    static let allowSending = Phrase(
        "Postbote on %1 may send mail from this mailbox.",
        de: "Postbote auf %1 darf Mails von diesem Postfach senden.")
    static let allowLasting = Phrase(
        "This holds until you or your administrator take it back.",
        de: "Das gilt, bis Sie oder Ihre Administration es widerrufen.")
    static let noPassword = Phrase(
        "You enter your password only at %1. Postbote never sees it.",
        de: "Ihr Kennwort geben Sie nur bei %1 ein. Postbote sieht es nie.")
    static let go = Phrase("Continue to %1", de: "Weiter zu %1")
    static let validUntil = Phrase(
        "This link works once, until %1.", de: "Dieser Link gilt einmal, bis %1.")
    static let unexpected = Phrase(
        "You did not expect this? Then close this page and ask your administrator.",
        de: "Sie haben das nicht erwartet? Dann schließen Sie diese Seite und fragen Sie Ihre Administration.")

    // MARK: On the way

    static let away = Phrase("On the way to %1", de: "Weiter zu %1")
    static let awayText = Phrase(
        "Sign in there as the person named before. Afterwards you come back here.",
        de: "Melden Sie sich dort als die eben genannte Person an. Danach kommen Sie hierher zurück.")

    // MARK: Links that are of no use

    static let used = Phrase("This is done already", de: "Das ist schon erledigt")
    static let usedText = Phrase(
        "The mailbox is signed in. There is nothing left for you to do.",
        de: "Das Postfach ist angemeldet. Sie müssen nichts weiter tun.")
    static let replaced = Phrase("There is a newer link", de: "Es gibt einen neueren Link")
    static let replacedText = Phrase(
        "This link was replaced by a newer one. Use that one; it is in the latest mail.",
        de: "Dieser Link wurde durch einen neueren ersetzt. Nehmen Sie bitte den aus der neuesten Mail.")
    static let expired = Phrase("This link has expired", de: "Dieser Link ist abgelaufen")
    static let revoked = Phrase("This link is not valid any more", de: "Dieser Link gilt nicht mehr")
    static let exhausted = Phrase("This link was blocked", de: "Dieser Link wurde gesperrt")
    static let exhaustedText = Phrase(
        "Too many other people signed in with it.", de: "Zu oft hat sich jemand anderes damit angemeldet.")
    static let askForNew = Phrase(
        "Ask your administrator for a new one.", de: "Bitten Sie Ihre Administration um einen neuen.")

    // MARK: What came of it

    static let signedIn = Phrase("You are signed in", de: "Sie sind angemeldet")
    static let signedInAs = Phrase("Signed in as %1.", de: "Angemeldet als %1.")
    static let checking = Phrase(
        "Postbote is now trying out whether everything works. You may close this page at any time.",
        de: "Postbote probiert jetzt aus, ob alles geht. Sie können diese Seite jederzeit schließen.")
    static let allWorks = Phrase(
        "Everything works. You can close this page.", de: "Alles geht. Sie können diese Seite schließen.")
    static let notAllWorks = Phrase(
        "Your sign-in is stored, but not everything works yet. You need not sign in again: show this page to your administrator.",
        de:
            "Ihre Anmeldung ist gespeichert, aber noch nicht alles geht. Sie müssen sich nicht noch einmal anmelden: zeigen Sie "
            + "diese Seite Ihrer Administration.")
    static let notLasting = Phrase(
        "This sign-in holds for about an hour only. Tell your administrator: something is missing in Postbote's configuration.",
        de:
            "Diese Anmeldung gilt nur etwa eine Stunde. Sagen Sie es Ihrer Administration: in der Konfiguration von Postbote "
            + "fehlt etwas.")
    static let notChecked = Phrase(
        "Not everything was tried out. Your administrator sees how the mailbox is doing.",
        de: "Nicht alles wurde ausprobiert. Ihre Administration sieht, wie es dem Postfach geht.")

    static let partSignIn = Phrase("Sign-in is valid", de: "Anmeldung ist gültig")
    static let partMailbox = Phrase("Mailbox opens", de: "Postfach lässt sich öffnen")
    static let partFolders = Phrase("Folders found", de: "Ordner gefunden")
    static let partSending = Phrase("Sending is allowed", de: "Senden ist erlaubt")
    static let partTestMail = Phrase("Test mail to the mailbox itself", de: "Testmail an das Postfach selbst")

    static let stateWaiting = Phrase("waiting", de: "wartet")
    static let stateRunning = Phrase("running", de: "läuft")
    static let stateOK = Phrase("works", de: "geht")
    static let stateFailed = Phrase("does not work", de: "geht nicht")
    static let stateSkipped = Phrase("not tried", de: "nicht ausprobiert")

    static let forAdministrator = Phrase("For your administrator", de: "Für Ihre Administration")

    // MARK: What went wrong

    static let notSignedIn = Phrase("You are not signed in", de: "Sie sind nicht angemeldet")
    static let nothingStored = Phrase("Nothing was stored.", de: "Es wurde nichts gespeichert.")
    static let declined = Phrase(
        "Access was not allowed at the provider. If that was a mistake, try again and accept what is asked for. If you could not "
            + "accept, your organisation forbids it: show this page to your administrator.",
        de:
            "Der Zugriff wurde beim Anbieter nicht erlaubt. War das ein Versehen, versuchen Sie es noch einmal und stimmen Sie "
            + "dort zu. Konnten Sie nicht zustimmen, verbietet es Ihre Organisation: zeigen Sie diese Seite Ihrer Administration."
    )
    static let wrongPerson = Phrase("Somebody else is signed in", de: "Jemand anderes ist angemeldet")
    static let wrongPersonText = Phrase(
        "This link is for %1, but %2 signed in.", de: "Dieser Link ist für %1, angemeldet hat sich aber %2.")
    static let wrongPersonCure = Phrase(
        "Choose “Use another account” at the provider, sign out there first, or open the link in a private window. Then sign in "
            + "as %1.",
        de:
            "Wählen Sie beim Anbieter „Anderes Konto verwenden“, melden Sie sich dort vorher ab, oder öffnen Sie den Link in "
            + "einem privaten Fenster. Melden Sie sich dann als %1 an.")
    static let changedPerson = Phrase(
        "You signed in under the right name, but the provider knows you as another person than before. Your administrator has "
            + "to confirm that: show them this page.",
        de:
            "Sie haben sich unter dem richtigen Namen angemeldet, aber der Anbieter kennt Sie als eine andere Person als zuvor. "
            + "Ihre Administration muss das bestätigen: zeigen Sie ihr diese Seite.")
    static let again = Phrase(
        "The provider did not complete the sign-in. Try again.",
        de: "Der Anbieter hat die Anmeldung nicht abgeschlossen. Versuchen Sie es noch einmal.")
    static let later = Phrase(
        "This cannot be done at the moment. Try again in a few minutes.",
        de: "Das geht im Augenblick nicht. Versuchen Sie es in ein paar Minuten noch einmal.")
    static let needsApproval = Phrase(
        "Your organisation's administrator has to allow this app first. Show them this page; afterwards try again.",
        de:
            "Die Administration Ihrer Organisation muss diese App zuerst erlauben. Zeigen Sie ihr diese Seite; versuchen Sie es "
            + "danach noch einmal.")
    static let misconfigured = Phrase(
        "Something is not set up right yet. You cannot mend it yourself: show this page to your administrator.",
        de:
            "Etwas ist noch nicht richtig eingerichtet. Sie selbst können das nicht beheben: zeigen Sie diese Seite Ihrer "
            + "Administration.")
    static let tryAgain = Phrase("Try again", de: "Noch einmal versuchen")

    // MARK: Answers to requests that make no sense

    static let notFound = Phrase("Nothing here", de: "Hier ist nichts")
    static let notFoundText = Phrase(
        "There is no such page. If you followed a link from a mail, check that it was copied whole; else ask your administrator "
            + "for a new one.",
        de:
            "Diese Seite gibt es nicht. Wenn Sie einem Link aus einer Mail gefolgt sind, prüfen Sie, ob er vollständig ist; sonst "
            + "bitten Sie Ihre Administration um einen neuen.")
    static let begunElsewhere = Phrase(
        "This sign-in was begun in another browser", de: "Diese Anmeldung wurde in einem anderen Browser begonnen")
    static let begunElsewhereText = Phrase(
        "Open the link once more, and stay in one browser. Cookies must be allowed for this site.",
        de:
            "Öffnen Sie den Link noch einmal, und bleiben Sie in einem Browser. Cookies müssen für diese Seite erlaubt sein."
    )
    static let nothingWaits = Phrase("This sign-in is over", de: "Diese Anmeldung ist vorbei")
    static let nothingWaitsText = Phrase(
        "It was answered already, or it took too long. Open the link once more.",
        de: "Sie wurde schon beantwortet, oder sie hat zu lange gedauert. Öffnen Sie den Link noch einmal.")
    static let wrongHost = Phrase("Another address", de: "Andere Adresse")
    static let wrongHostText = Phrase(
        "This page is not reached under this name.", de: "Diese Seite ist unter diesem Namen nicht erreichbar.")
    static let wrongMethod = Phrase("Nothing to do here", de: "Hier ist nichts zu tun")
    static let wrongMethodText = Phrase(
        "This address does not answer such requests.", de: "Diese Adresse beantwortet solche Anfragen nicht.")
    static let badRequest = Phrase("That was not understood", de: "Das war nicht zu verstehen")
    static let badRequestText = Phrase(
        "Open the link once more.", de: "Öffnen Sie den Link noch einmal.")
    static let tooMany = Phrase("Too many requests", de: "Zu viele Anfragen")
    static let tooManyText = Phrase(
        "Wait for a minute, then try again.", de: "Warten Sie eine Minute und versuchen Sie es dann noch einmal.")
    static let trouble = Phrase("Not now", de: "Gerade nicht")
}
