/// Which Postbote this is (semver.org).
public enum Release {
    public static let version = "0.1.0"
}
