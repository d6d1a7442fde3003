"""Airflow's outcomes, for the core and for the real program: what each rule makes of two finished upstream tasks."""

_TABLE = """
rule                        S,S     S,K     S,F             F,K             K,K     F,F
all_success                 run     skipped upstream_failed upstream_failed skipped upstream_failed
all_failed                  skipped skipped skipped         skipped         skipped run
all_done                    run     run     run             run             run     run
all_done_min_one_success    run     skipped run             skipped         skipped upstream_failed
all_skipped                 skipped skipped skipped         skipped         run     skipped
one_failed                  skipped skipped run             run             skipped run
one_success                 run     run     run             upstream_failed skipped upstream_failed
one_done                    run     run     run             run             skipped run
none_failed                 run     run     upstream_failed upstream_failed run     upstream_failed
none_failed_min_one_success run     run     upstream_failed upstream_failed skipped upstream_failed
none_skipped                run     skipped run             skipped         skipped run
always                      run     run     run             run             run     run
"""

_HEAD, *_ROWS = (line.split() for line in _TABLE.strip().splitlines())
CELLS = [(rule, pair, outcome) for rule, *outcomes in _ROWS for pair, outcome in zip(_HEAD[1:], outcomes, strict=True)]
"""(rule, upstream pair, outcome); S is a success, F a failure, K a skip."""
