import TestSupport

await InterruptibleProgram.run("demo") {
    try await Demo().run()
    return true
}
