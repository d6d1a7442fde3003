import sys

from words import greeting

print(greeting(sys.argv[1]))
