// The text of Sources/Explanations/explanations.txt, as part of the program. As an array in Swift it would take the compiler
// half a minute.
#pragma once

/// `explanations_length()` bytes of UTF-8, for as long as the program runs.
const unsigned char *explanations_text(void);
long explanations_length(void);
