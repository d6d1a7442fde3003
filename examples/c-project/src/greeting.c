#include <stdio.h>

#include "greeting.h"
#include "version.h"

void greet(const char *who) { printf("hello, %s (version %s)\n", who, VERSION); }
