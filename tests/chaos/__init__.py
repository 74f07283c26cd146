"""The kill harness: the program as an operator starts it, under load, while its processes are killed at random.

    make chaos ROUNDS=200             the full form; SEED=... makes the same choices again, OUTAGE=600 stops PostgreSQL
                                      for ten minutes half-way
    make slow                         a short form, and one test for each way in which things go wrong

`processes.py` starts, kills and restarts web, worker, clock and PostgreSQL. `load.py` is the operator of the telephone
network: many people write, and what is not acknowledged is brought again. `sink.py` is outside of all that is killed
and writes down what reaches people and units. `judge.py` compares what was acknowledged, what is stored and what
arrived. `weather.py` is one whole run.
"""
