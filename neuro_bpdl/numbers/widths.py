"""The widths of the fixed-point network, each named once.

Weights, traces and the accumulator are those of Lava's bit-approximate
learning engine (lava.magma.core.learning.constants), so that the kernels can
be bit-equal to it.
"""

from __future__ import annotations

import math

PAYLOAD_BITS = 7  # activity, unsigned
PAYLOAD_MAX = 2**PAYLOAD_BITS - 1
MESSAGE_BITS = 8  # Lava's num_message_bits, signed
CHANGE_BITS = MESSAGE_BITS + 1  # a difference of payloads, one of which may be negative

WEIGHT_BITS = 8  # magnitude; the sign is extra, as W_WEIGHTS_U and W_WEIGHTS_S in Lava
WEIGHT_MIN, WEIGHT_MAX = -(2**WEIGHT_BITS), 2**WEIGHT_BITS - 1
UNIT_EXPONENT = 7  # a weight of 1 stands for 2^-7 ...
WIDE_FAN_IN = 128  # ... in matrices with at least so many presynaptic units

# A synapse's tag holds what its weight cannot: weight + tag / 64. The rule writes
# the tag; beyond half a weight unit it is carried into the weight.
TAG_BITS = 8  # magnitude
TAG_MIN, TAG_MAX = -(2**TAG_BITS) - 1, 2**TAG_BITS - 1  # as Lava clips tag_1
CARRY_BITS = 6
CARRY, CARRY_THRESHOLD = 2**CARRY_BITS, 2 ** (CARRY_BITS - 1)
CARRY_STEPS = -((TAG_MIN + CARRY_THRESHOLD) // CARRY)  # until any tag is carried: 4

EPOCH_MAX = 2**6 - 1  # time steps of a learning epoch

TRACE_BITS = 7  # x1, y1, y2: unsigned
TRACE_MAX = 2**TRACE_BITS - 1
PAIR_IMPULSE = TRACE_MAX  # of x1 and y1 where spikes are paired (two factors) ...
PAIR_TAU = 1 / math.log(PAIR_IMPULSE)  # ... of which 1 is left one time step later
ACCUMULATOR_BITS = 15  # magnitude of a weight or tag while a rule is applied
ACCUMULATOR_MIN, ACCUMULATOR_MAX = -(2**ACCUMULATOR_BITS) - 1, 2**ACCUMULATOR_BITS - 1
ROUNDING_BITS = ACCUMULATOR_BITS - WEIGHT_BITS  # what stochastic rounding takes off

LITERAL_MANTISSA_BITS = 4  # signed
LITERAL_EXPONENT_MIN, LITERAL_EXPONENT_MAX = -7, 8
PRODUCT_SHIFT = 2 * TRACE_BITS + LITERAL_MANTISSA_BITS - ACCUMULATOR_BITS  # two traces: × 1/8

SOMA_FRACTION_BITS = 14
SOMA_MAX = PAYLOAD_MAX << SOMA_FRACTION_BITS
SOMA_BITS = 24  # signed
NET_MAX = 2 ** (SOMA_BITS - 1) - 1  # of a net input that is read
STEP_MANTISSA_BITS = 4  # of δ and α, unsigned
STEP_SHIFT_MAX = 17


def current_bits(units: int, largest: int, loud: int) -> int:
    """Of a current that any weights can cause, its sign among them.

    Parameters
    ----------
    units, largest : int
        How many units send at most what.
    loud : int
        What the always-on unit sends besides.
    """
    return (-WEIGHT_MIN * (units * largest + loud)).bit_length() + 1
