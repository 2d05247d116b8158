"""The authors' side of pid.ts: their solver (MIT licence, github.com/pliang279/PID), unchanged, of one table a line.

    python pid_authors.py REPOSITORY

Needs numpy, scipy and cvxpy. A line {"command": "solve", "p": [x1][x2][y]} is answered by {"milliseconds": t}.
"""
import json, os, sys, time, warnings

import numpy as np

sys.path.insert(0, os.path.join(sys.argv[1], "synthetic"))
import rus

warnings.filterwarnings("ignore")
for line in sys.stdin:
    p = np.array(json.loads(line)["p"])
    start = time.perf_counter()
    rus.solve_Q_new(p)
    print(json.dumps({"milliseconds": (time.perf_counter() - start) * 1e3}), flush=True)
