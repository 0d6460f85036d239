import Testing

@testable import postbote

@Suite("A warning of the journal in a report") struct JournalWarningTests {
    private func line(_ json: String) -> String? { JournalWarning(Array(json.utf8))?.line }

    @Test("has the fields that say nothing of a message, and the server's line only where it is of none")
    func fields() {
        let moment = #""__REALTIME_TIMESTAMP":"1800000000000000","PRIORITY":"4""#
        #expect(
            line(
                #"{\#(moment),"EVENT":"failure","ACCOUNT":"anna","REASON":"No.","SERVER_LINE":"535 no","X":"secret"}"#
            )
                == "2027-01-15T08:00:00Z <4> EVENT=failure ACCOUNT=anna REASON=No. SERVER_LINE=535 no")
        #expect(
            line(
                #"{\#(moment),"EVENT":"message_failed","QUEUE_ID":"q1","MESSAGE":"x q1","SERVER_LINE":"550 <1@b>"}"#)
                == "2027-01-15T08:00:00Z <4> EVENT=message_failed")
        #expect(
            line(#"{\#(moment),"SYSLOG_IDENTIFIER":"systemd","MESSAGE":"Failed with result 'core-dump'."}"#)
                == "2027-01-15T08:00:00Z <4> Failed with result 'core-dump'.")
        // Of a library, or octets that are no text.
        #expect(line(#"{\#(moment),"SYSLOG_IDENTIFIER":"postbote","MESSAGE":"anything"}"#) == nil)
        #expect(line(#"{\#(moment),"EVENT":"failure","REASON":[1,2]}"#) == "2027-01-15T08:00:00Z <4> EVENT=failure")
        #expect(line("no json") == nil)
    }
}
