// libcurl's variadic functions, one wrapper per argument type: Swift cannot call C variadics.
#pragma once
#include <curl/curl.h>
