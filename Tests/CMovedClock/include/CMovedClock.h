// libcurl's monotonic clock, moved forward inside this process, so that a test need not wait for minutes to pass.
#pragma once

/// libcurl sees `seconds` more on the clock from now on, and nobody else does: timers are set in waits, and go on.
void moved_clock_advance(int seconds);
