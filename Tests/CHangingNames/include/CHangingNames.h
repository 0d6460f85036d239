// Name lookups that hang, inside this process: names that end in `.hangs.test` are not answered before they are released.
#pragma once

/// How many lookups hang now.
int hanging_names_waiting(void);

/// Answers all lookups that hang, and all to come, with "try again".
void hanging_names_release(void);
