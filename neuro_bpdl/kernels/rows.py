"""The operations of a program's rows as plain numbers: compiled code knows no enumerations."""

from neuro_bpdl.description.operations import Op

(LOAD, HOLD, ADOPT, FILL, SCORE, PULL, MOVE, CORRUPT, SWING, SEND, LEARN, CARRY, RECORD, TURN, READ,
 FORGET) = map(int, Op)  # fmt: skip
