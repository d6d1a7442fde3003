obj/main.o: src/main.c /usr/include/stdc-predef.h src/greeting.h
