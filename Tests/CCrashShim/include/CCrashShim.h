// Loaded into a spawned `postbote serve` with LD_PRELOAD: ends it at a chosen step, as kill -9 would.
//
// The environment says at which. Nothing is exported but the functions it stands in front of.
//
//   CRASH_BELOW    only files below this directory count
//   CRASH_TRACE    a file that gets a line for each step, written before the step is counted
//   CRASH_KIND     rename | sync | unlink | commit | dot; unset: the steps are only written down
//   CRASH_MOMENT   before | after
//   CRASH_AT       the process ends at the step of that number, counted from 1
//   CRASH_WHEN     a file: steps count from when it exists
#pragma once
