import MailModel

/// What folders with a role are called, in the languages of Outlook and Exchange (first of each line) and of Gmail.
///
/// Within a role, earlier names win where a mailbox has several.
enum FolderRoleNames {
    static let roles: [String: (role: FolderRole, rank: Int)] = {
        var roles: [String: (role: FolderRole, rank: Int)] = [:]
        for (role, names) in table {
            for (rank, name) in names.enumerated() where roles[normalized(name)] == nil {
                roles[normalized(name)] = (role, rank)
            }
        }
        return roles
    }()

    /// Names differ in case, hyphens and spaces between versions of one product.
    static func normalized(_ name: String) -> String {
        name.lowercased().filter { !$0.isWhitespace && !"-‑_'’.".contains($0) }
    }

    private static let table: [(FolderRole, [String])] = [
        (.inbox, inbox), (.sent, sent), (.junk, junk), (.trash, trash), (.archive, archive), (.drafts, drafts),
        (.all, all), (.flagged, flagged),
    ]

    /// IMAP always has INBOX; these are for servers that list it under its shown name too.
    private static let inbox = [
        "Inbox", "Posteingang", "Boîte de réception", "Bandeja de entrada", "Posta in arrivo", "Caixa de Entrada",
        "A Receber", "Postvak IN", "Inkorgen", "Inkorg", "Indbakke", "Innboks", "Saapuneet", "Skrzynka odbiorcza",
        "Doručená pošta", "Beérkezett üzenetek", "Mesaje primite", "Входящие", "Вхідні",
        "Gelen Kutusu", "Εισερχόμενα", "תיבת דואר נכנס", "דואר נכנס", "علبة الوارد", "البريد الوارد", "受信トレイ",
        "받은 편지함", "收件箱", "收件匣", "Входящи", "Ulazna pošta", "Prejeto", "Sissetulev", "Iesūtne",
        "Gautieji", "Safata d'entrada", "Hộp thư đến", "กล่องจดหมายเข้า", "Kotak Masuk",
    ]

    private static let sent = [
        "Sent Items", "Sent Mail", "Sent Messages", "Sent", "Gesendete Elemente", "Gesendet", "Gesendete Objekte",
        "Éléments envoyés", "Messages envoyés", "Elementos enviados", "Enviados", "Mensajes enviados",
        "Posta inviata", "Inviata", "Itens Enviados", "Itens enviados", "E-mails enviados", "Mensagens enviadas",
        "Verzonden items", "Verzonden berichten", "Verzonden", "Skickat", "Skickade objekt", "Sendt post", "Sendt",
        "Sendte elementer", "Sendte e-mails", "Lähetetyt", "Lähetetyt viestit", "Elementy wysłane", "Wysłane",
        "Odeslaná pošta", "Odeslané", "Odoslaná pošta", "Odoslané", "Elküldött elemek", "Elküldött levelek",
        "Elemente trimise", "Mesaje trimise", "Trimise", "Отправленные", "Надіслані", "Надіслані елементи",
        "Відправлені", "Gönderilmiş Öğeler", "Gönderilmiş Postalar", "Gönderilen", "Απεσταλμένα",
        "Σταλμένα μηνύματα", "פריטים שנשלחו", "דואר יוצא", "דואר שנשלח", "العناصر المرسلة", "البريد المرسل",
        "送信済みアイテム", "送信済みメール", "送信済み", "보낸 편지함", "보낸편지함", "已发送邮件", "已发送",
        "寄件備份", "寄件匣備份", "已傳送的郵件", "Изпратени", "Poslane stavke", "Poslano", "Poslana pošta",
        "Saadetud kirjad", "Saadetud üksused", "Nosūtītie vienumi", "Nosūtītās vēstules", "Išsiųsti elementai",
        "Išsiųsta", "Elements enviats", "Enviats", "Mục đã Gửi", "Thư đã gửi", "รายการที่ถูกส่ง", "จดหมายที่ส่งแล้ว",
        "Item Terkirim", "Terkirim",
    ]

    private static let junk = [
        "Junk Email", "Junk E-Mail", "Junk", "Spam", "Bulk Mail", "Junk-E-Mail", "Junk Mail", "Unerwünscht",
        "Courrier indésirable", "Indésirables", "Pourriel", "Correo no deseado", "Correo electrónico no deseado",
        "Posta indesiderata", "Lixo Eletrônico", "Lixo Eletrónico", "Correio Eletrónico de Lixo", "Lixo",
        "Correio de Lixo", "Ongewenste e-mail", "Skräppost", "Uønsket e-mail", "Uønsket e-post", "Søppelpost",
        "Søppel-e-post", "Uønsket mail", "Roskaposti", "Wiadomości-śmieci", "Nevyžádaná pošta",
        "Nevyžiadaná pošta", "Levélszemét", "E-mail nedorit", "Mesaje nedorite", "Нежелательная почта",
        "Спам", "Небажана пошта", "Önemsiz E-posta", "Gereksiz E-posta", "Istenmeyen E-posta",
        "Ανεπιθύμητη αλληλογραφία", "Ανεπιθύμητα", "דואר אלקטרוני זבל", "דואר זבל", "ספאם",
        "البريد الإلكتروني غير الهام", "البريد غير الهام", "الرسائل غير المرغوب فيها", "迷惑メール",
        "정크 메일", "정크 전자 메일", "스팸함", "垃圾邮件", "垃圾郵件", "垃圾電子郵件", "Нежелана поща",
        "Bezvrijedna e-pošta", "Neželjena pošta", "Neželena e-pošta", "Rämpspost", "Mēstules", "Nevēlamais e-pasts",
        "Šlamštas", "Correu brossa", "Thư rác", "Email Rác", "อีเมลขยะ", "จดหมายขยะ", "Email Sampah",
    ]

    private static let trash = [
        "Deleted Items", "Trash", "Deleted Messages", "Bin", "Deleted", "Gelöschte Elemente", "Papierkorb",
        "Gelöschte Objekte", "Éléments supprimés", "Corbeille", "Elementos eliminados", "Papelera", "Eliminados",
        "Posta eliminata", "Cestino", "Itens Excluídos", "Itens Eliminados", "Lixeira", "Reciclagem",
        "Verwijderde items", "Prullenbak", "Borttaget", "Borttagna objekt", "Papperskorgen", "Slettet post",
        "Slettede elementer", "Papirkurv", "Papirkurven", "Søppel", "Poistetut", "Poistetut kohteet", "Roskakori",
        "Elementy usunięte", "Kosz", "Odstraněná pošta", "Koš", "Odstránená pošta", "Kôš", "Törölt elemek", "Kuka",
        "Elemente șterse", "Elemente şterse", "Coș de gunoi", "Удаленные", "Удалённые", "Корзина", "Видалені",
        "Кошик", "Silinmiş Öğeler", "Çöp kutusu", "Διαγραμμένα", "Διαγραμμένα στοιχεία", "Κάδος απορριμμάτων",
        "פריטים שנמחקו", "אשפה", "العناصر المحذوفة", "المهملات", "سلة المهملات", "削除済みアイテム", "ゴミ箱",
        "지운 편지함", "휴지통", "已删除邮件", "已删除", "刪除的郵件", "垃圾桶", "Изтрити", "Кошче",
        "Izbrisane stavke", "Smeće", "Obrisane stavke", "Otpad", "Izbrisano", "Koši", "Kustutatud üksused",
        "Prügikast", "Izdzēstie vienumi", "Miskaste", "Panaikinti elementai", "Šiukšlinė", "Elements suprimits",
        "Paperera", "Mục đã Xóa", "Thùng rác", "รายการที่ถูกลบ", "ถังขยะ", "Item Terhapus", "Sampah",
    ]

    private static let archive = [
        "Archive", "Archives", "Archiv", "Archivieren", "Archivar", "Archivo", "Archivio", "Arquivo Morto",
        "Arquivo", "Arquivar", "Archief", "Arkiv", "Arkivera", "Arkisto", "Archiwum", "Archív", "Archívum",
        "Arhivă", "Arhiva", "Архив", "Архів", "Arşiv", "Αρχειοθήκη", "Αρχείο", "ארכיון", "أرشيف", "الأرشيف",
        "アーカイブ", "보관", "보관함", "存档", "封存", "Arhiv", "Arhiiv", "Arhīvs", "Archyvas", "Arxiu",
        "Lưu trữ", "เก็บถาวร", "Arsip",
    ]

    private static let drafts = [
        "Drafts", "Draft", "Entwürfe", "Brouillons", "Borradores", "Bozze", "Rascunhos", "Concepten", "Utkast",
        "Kladder", "Kladde", "Luonnokset", "Wersje robocze", "Kopie robocze", "Koncepty", "Rozepsané",
        "Rozpísané", "Piszkozatok", "Schițe", "Schiţe", "Mesaje nefinalizate", "Черновики", "Чернетки", "Taslaklar",
        "Πρόχειρα", "טיוטות", "مسودات", "المسودات", "下書き", "임시 보관함", "임시보관함", "草稿", "草稿箱",
        "Чернови", "Skice", "Nacrti", "Osnutki", "Mustandid", "Melnraksti", "Juodraščiai", "Esborranys", "Bản nháp",
        "Thư nháp", "แบบร่าง", "ร่างจดหมาย", "Draf",
    ]

    private static let all = [
        "All Mail", "Alle Nachrichten", "Tous les messages", "Todos", "Tutti i messaggi", "Todos os e-mails",
        "Todo o correio", "Alle e-mail", "Alla mail", "Al post", "All e-post", "Kaikki viestit", "Wszystkie",
        "Všechny zprávy", "Všetky správy", "Összes levél", "Toate mesajele", "Вся почта", "Уся пошта",
        "Tüm Postalar", "Όλα τα μηνύματα", "כל הדואר", "كل البريد", "すべてのメール", "전체보관함", "所有邮件",
        "所有郵件",
    ]

    private static let flagged = [
        "Starred", "Flagged", "Markiert", "Suivis", "Destacados", "Speciali", "Com estrela", "Met ster",
        "Stjärnmärkt", "Stjernemarkeret", "Stjernemerket", "Tähdellä merkityt", "Oznaczone gwiazdką",
        "S hvězdičkou", "S hviezdičkou", "Csillagozott", "Cu stea", "Помеченные", "Із зірочкою", "Yıldızlı",
        "Με αστέρι", "מסומן בכוכב", "مميزة بنجمة", "スター付き", "별표편지함", "已加星标", "已加星號",
    ]
}
