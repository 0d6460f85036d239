import Glibc

/// Prints a line at once, also into a pipe.
func say(_ line: some CustomStringConvertible) {
    print(line)
    fflush(nil)
}
