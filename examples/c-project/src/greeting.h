/* What a greeting looks like. */
void greet(const char *who);
