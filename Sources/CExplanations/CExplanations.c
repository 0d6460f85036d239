#include "CExplanations.h"

// The compiler of the Swift toolchain has #embed in every C; only its name is newer.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char text[] = {
#embed "../Explanations/explanations.txt"
};

const unsigned char *explanations_text(void) { return text; }

long explanations_length(void) { return sizeof text; }
