import ArgumentParser
import Operations

struct FoldersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "folders", abstract: "Lists an account's folders on the server.")

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(account, "folders")
        let reply = try await daemon.client().get(target, as: FolderList.self)
        try output.print(reply) { list in
            var table = Table([
                Table.Column("FOLDER"), Table.Column("ROLE"), Table.Column("WATCHED"),
                Table.Column("MESSAGES", .right), Table.Column("FETCHED", .right), Table.Column("RECOGNISED", .right),
                Table.Column("UIDVALIDITY", .right), Table.Column("CURSOR", .right),
            ])
            for folder in list.folders {
                table.append([
                    folder.name, folder.role, folder.watched ? "yes" : "no", folder.messages.map(String.init),
                    String(folder.fetched), String(folder.recognised), folder.uidValidity.map { String($0) },
                    folder.cursor.map { String($0) },
                ])
            }
            return table.lines
        }
    }
}
