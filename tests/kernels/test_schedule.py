"""The phase schedule: lengths, order and who sends."""

import pytest

from neuro_bpdl.kernels.schedule import Phase, generation_program, inference_program, training_program


@pytest.mark.parametrize(("depth", "n"), [(1, 1), (2, 15), (3, 4)])
def test_a_training_presentation_takes_one_load_depth_settles_two_steps_a_cycle_and_two_to_learn(depth, n):
    program = training_program(depth, n)
    assert len(program) == 1 + depth + 2 * n + 2
    assert program.learns
    assert [step.phase for step in program.steps[-2:]] == [Phase.CORRUPT, Phase.LEARN]


def test_a_clamped_image_is_sent_once_and_an_unclamped_one_in_every_cycle():
    def sends(program):
        pairs = zip(program.steps, program.sends_up, strict=True)
        return sum(up[0] for step, up in pairs if step.phase is not Phase.REFLECT)

    n = 5
    assert sends(inference_program(2, n)) == 1
    assert sends(inference_program(2, n, clamped=False)) == 1 + n  # once to settle, then at the start of every cycle


def test_nothing_is_sent_that_the_next_step_does_not_use():
    program = training_program(2, 1)
    expected_up = [
        (True, False, False),  # LOAD: for SETTLE 1
        (False, True, False),  # SETTLE 1: for SETTLE 2
        (False, True, False),  # SETTLE 2: for REFLECT; layer 1 holds what it got from the clamped image
        (True, True, False),  # REFLECT: reconstructions for UPDATE
        (False, False, False),  # UPDATE: CORRUPT needs nothing
        (True, True, False),  # CORRUPT: for the predictions of LEARN
        (True, True, False),  # LEARN: S_pre
    ]
    expected_down = [
        (False, False, False),
        (False, False, False),
        (False, True, True),
        (False, False, False),
        (False, False, False),
        (False, True, True),
        (False, True, True),
    ]
    assert list(program.sends_up) == expected_up
    assert list(program.sends_down) == expected_down


def test_generation_records_the_directed_image_and_every_round():
    program = generation_program(3, 4, rounds=2)
    assert program.feed == 3
    assert len(program.records) == 3
    assert all(program.steps[position].phase is Phase.DESCEND for position in program.records)
    assert all(program.steps[position].layer == 0 for position in program.records)


def test_inference_records_the_settled_state_every_update_and_the_reconstruction():
    program = inference_program(2, 3)
    phases = [program.steps[position].phase for position in program.records]
    assert phases == [Phase.SETTLE, *[Phase.UPDATE] * 3, Phase.DESCEND]
