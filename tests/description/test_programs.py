"""Programs and their rows: lengths, order and who sends."""

import pytest

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.operations import Op, compiled, operations, own_rows, sends
from neuro_bpdl.description.phases import Phase
from neuro_bpdl.description.program import generation_program, inference_program, training_program
from neuro_bpdl.spec import NetworkSpec


def chain(depth):
    return describe(NetworkSpec.of(tuple(range(9, 9 - depth - 1, -1))))


def names(program):
    described = program.description.projections
    return [{described[i].name for i in step} for step in sends(program)]


@pytest.mark.parametrize(("depth", "n"), [(1, 1), (2, 15), (3, 4)])
def test_a_training_presentation_takes_one_load_depth_settles_two_steps_a_cycle_and_two_to_learn(depth, n):
    program = training_program(chain(depth), n)
    assert len(program) == 1 + depth + 2 * n + 2
    assert program.learns
    assert [step.phase for step in program.steps[-2:]] == [Phase.CORRUPT, Phase.LEARN]


def test_a_clamped_image_is_sent_once_and_an_unclamped_one_in_every_cycle():
    def sent(program):
        steps = zip(program.steps, names(program), strict=True)
        return sum("F_1" in step for now, step in steps if now.phase is not Phase.REFLECT)

    n = 5
    assert sent(inference_program(chain(2), n)) == 1
    assert sent(inference_program(chain(2), n, clamped=False)) == 1 + n  # to settle, then in every cycle


def test_nothing_is_sent_that_the_next_step_does_not_use():
    program = training_program(chain(2), 1)
    assert names(program) == [
        {"F_1"},  # LOAD: for SETTLE 1
        {"F_2"},  # SETTLE 1: for SETTLE 2
        {"F_2", "G_1", "G_2"},  # SETTLE 2: for REFLECT; layer 1 holds what it got from the clamped image
        {"F_1", "F_2"},  # REFLECT: reconstructions for UPDATE
        set(),  # UPDATE: CORRUPT needs nothing
        {"F_1", "F_2", "G_1", "G_2"},  # CORRUPT: for the predictions of LEARN
        {"F_1", "F_2", "G_1", "G_2"},  # LEARN: S_pre
    ]


def test_generation_records_the_directed_image_and_every_round():
    program = generation_program(chain(3), 4, rounds=2)
    assert program.feeds == (3,)
    assert len(program.records) == 3
    assert all(program.steps[position].phase is Phase.DESCEND for position in program.records)
    assert all(program.steps[position].layer == 0 for position in program.records)


def test_inference_records_the_settled_state_every_update_and_the_reconstruction():
    program = inference_program(chain(2), 3)
    phases = [program.steps[position].phase for position in program.records]
    assert phases == [Phase.SETTLE, *[Phase.UPDATE] * 3, Phase.DESCEND]


PROGRAMS = [training_program(chain(2), 3, rest=4), inference_program(chain(3), 2), generation_program(chain(2), 2, 2),
            inference_program(chain(2), 2, clamped=False)]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=["training", "inference", "generation", "inpainting"])
def test_whatever_is_computed_from_a_current_was_sent_one_step_before(program):
    arrived = set()
    for step in operations(program):
        used = {row.subject for row in step if row.op in (Op.HOLD, Op.SCORE, Op.SWING)}
        assert used <= arrived
        assert arrived <= used  # and nothing arrives in vain
        arrived = {row.subject for row in step if row.op is Op.SEND}
    assert not arrived


@pytest.mark.parametrize("program", PROGRAMS, ids=["training", "inference", "generation", "inpainting"])
def test_the_rows_of_the_populations_are_those_of_the_network(program):
    shares = [own_rows(program, i) for i in range(len(program.description.populations))]
    for position, step in enumerate(operations(program)):
        together = sorted(row for share in shares for row in share[position])
        assert together == sorted(row for row in step if row.op not in (Op.CARRY, Op.RECORD))
    table = compiled(program)
    assert table.shape == (sum(map(len, operations(program))), 4)
    assert (table[:, 0] == sorted(table[:, 0])).all()
