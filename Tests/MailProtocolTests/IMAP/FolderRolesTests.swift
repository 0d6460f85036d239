import MailModel
import MailProtocol
import Testing

@Suite("Folder roles")
struct FolderRolesTests {
    static func entry(_ name: String, _ attributes: Set<String> = [], delimiter: Unicode.Scalar = "/")
        -> IMAPListEntry
    {
        IMAPListEntry(mailbox: IMAPMailboxName(name), attributes: attributes, delimiter: UInt8(ascii: delimiter))
    }

    @Test(
        "What the server says comes before the name",
        arguments: [
            ("x", "sent", FolderRole.sent), ("x", "junk", .junk), ("x", "trash", .trash), ("x", "drafts", .drafts),
            ("x", "archive", .archive), ("x", "all", .all), ("x", "flagged", .flagged), ("x", "inbox", .inbox),
            ("x", "spam", .junk), ("x", "starred", .flagged), ("x", "allmail", .all), ("Trash", "junk", .junk),
        ])
    func attribute(name: String, attribute: String, role: FolderRole) {
        #expect(FolderRoles.role(of: Self.entry(name, [attribute, "hasnochildren"])) == role)
    }

    /// Sent, junk, trash, drafts in the languages of Exchange.
    static let languages: [(String, [String])] = [
        ("English", ["Sent Items", "Junk Email", "Deleted Items", "Drafts", "Archive"]),
        ("German", ["Gesendete Elemente", "Junk-E-Mail", "Gelöschte Elemente", "Entwürfe", "Archiv"]),
        ("French", ["Éléments envoyés", "Courrier indésirable", "Éléments supprimés", "Brouillons", "Archives"]),
        ("Spanish", ["Elementos enviados", "Correo no deseado", "Elementos eliminados", "Borradores", "Archivo"]),
        ("Italian", ["Posta inviata", "Posta indesiderata", "Posta eliminata", "Bozze", "Archivio"]),
        ("Portuguese", ["Itens Enviados", "Lixo Eletrônico", "Itens Excluídos", "Rascunhos", "Arquivo Morto"]),
        ("Dutch", ["Verzonden items", "Ongewenste e-mail", "Verwijderde items", "Concepten", "Archief"]),
        ("Swedish", ["Skickat", "Skräppost", "Borttaget", "Utkast", "Arkiv"]),
        ("Danish", ["Sendt post", "Uønsket e-mail", "Slettet post", "Kladder", "Arkiv"]),
        ("Norwegian", ["Sendte elementer", "Søppelpost", "Slettede elementer", "Utkast", "Arkiv"]),
        ("Finnish", ["Lähetetyt", "Roskaposti", "Poistetut", "Luonnokset", "Arkisto"]),
        ("Polish", ["Elementy wysłane", "Wiadomości-śmieci", "Elementy usunięte", "Wersje robocze", "Archiwum"]),
        ("Czech", ["Odeslaná pošta", "Nevyžádaná pošta", "Odstraněná pošta", "Koncepty", "Archiv"]),
        ("Slovak", ["Odoslaná pošta", "Nevyžiadaná pošta", "Odstránená pošta", "Koncepty", "Archív"]),
        ("Hungarian", ["Elküldött elemek", "Levélszemét", "Törölt elemek", "Piszkozatok", "Archívum"]),
        ("Romanian", ["Elemente trimise", "E-mail nedorit", "Elemente șterse", "Schițe", "Arhivă"]),
        ("Russian", ["Отправленные", "Нежелательная почта", "Удаленные", "Черновики", "Архив"]),
        ("Ukrainian", ["Надіслані", "Небажана пошта", "Видалені", "Чернетки", "Архів"]),
        ("Turkish", ["Gönderilmiş Öğeler", "Önemsiz E-posta", "Silinmiş Öğeler", "Taslaklar", "Arşiv"]),
        ("Greek", ["Απεσταλμένα", "Ανεπιθύμητη αλληλογραφία", "Διαγραμμένα", "Πρόχειρα", "Αρχειοθήκη"]),
        ("Japanese", ["送信済みアイテム", "迷惑メール", "削除済みアイテム", "下書き", "アーカイブ"]),
        ("Korean", ["보낸 편지함", "정크 메일", "지운 편지함", "임시 보관함", "보관"]),
        ("Chinese", ["已发送邮件", "垃圾邮件", "已删除邮件", "草稿", "存档"]),
        ("Hebrew", ["פריטים שנשלחו", "דואר זבל", "פריטים שנמחקו", "טיוטות", "ארכיון"]),
        ("Arabic", ["العناصر المرسلة", "البريد الإلكتروني غير الهام", "العناصر المحذوفة", "مسودات", "أرشيف"]),
    ]

    @Test("Names are known in many languages, at the top and below INBOX", arguments: languages)
    func language(language: String, names: [String]) {
        let expected: [FolderRole] = [.sent, .junk, .trash, .drafts, .archive]
        #expect(names.map { FolderRoles.role(of: Self.entry($0)) } == expected)
        #expect(names.map { FolderRoles.role(of: Self.entry("INBOX.\($0)", delimiter: ".")) } == expected)
        #expect(names.map { FolderRoles.role(of: Self.entry($0.uppercased())) }.count == expected.count)
    }

    @Test(
        "Folders that only look like it have no role",
        arguments: ["Projects/Sent", "Sent Items 2019", "INBOX/a/Trash", "Presents", "", "/", "//", "x"])
    func noRole(name: String) {
        #expect(FolderRoles.role(of: Self.entry(name)) == nil)
    }

    @Test("A branch that cannot be opened has no role", arguments: ["noselect", "nonexistent"])
    func notSelectable(attribute: String) {
        #expect(FolderRoles.role(of: Self.entry("Sent", [attribute])) == nil)
    }

    @Test("Of several candidates the server's word wins, then the likelier name")
    func best() {
        let roles = FolderRoles.assign(to: [
            Self.entry("Sent"), Self.entry("Sent Items"), Self.entry("Trash"), Self.entry("Müll", ["trash"]),
            Self.entry("INBOX"), Self.entry("Posteingang"), Self.entry("Kunden"),
        ])
        #expect(
            roles == [
                IMAPMailboxName("Sent Items"): .sent, IMAPMailboxName("Müll"): .trash,
                IMAPMailboxName("INBOX"): .inbox,
            ])
    }

    @Test("Gmail's folders are known by name where roles are not told")
    func gmail() {
        #expect(FolderRoles.role(of: Self.entry("[Gmail]/Papierkorb")) == .trash)
        #expect(FolderRoles.role(of: Self.entry("[Google Mail]/Alle Nachrichten")) == .all)
        #expect(FolderRoles.role(of: Self.entry("[Gmail]", ["noselect"])) == nil)
    }
}
