/// What a folder is for (special use, RFC 6154), whatever it is called in the owner's language.
public enum FolderRole: String, Sendable, CaseIterable {
    case inbox, junk, sent, archive, trash, drafts, all, flagged
}
