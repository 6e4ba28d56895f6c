"""Baselines learn too, or they would be none; measures by hand."""

import numpy as np
import pytest

from neuro_bpdl.control.baselines import Perceptron, Sarsa, Scaled, play
from neuro_bpdl.control.cells import PlaceCells
from neuro_bpdl.control.measure import running_mean, solved_at
from neuro_bpdl.control.world import World


@pytest.mark.parametrize("kind", ["sarsa", "perceptron"])
def test_a_baseline_learns_the_corridor(corridor, kind):
    ranges, returns = ((-1.0, 1.0), (-1.0, 1.0)), []
    encoder = PlaceCells(ranges, 6) if kind == "sarsa" else Scaled(ranges)
    player = Sarsa(encoder.size, 2, gamma=0.9) if kind == "sarsa" else Perceptron(2, 2, gamma=0.9, hidden=16)
    world = World(corridor(), encoder, seed=0, first=0, last=400, scale=1.0, integers=False,
                  ended=lambda episode: returns.append(episode.total))  # fmt: skip
    play(player, world)
    assert np.mean(returns[-50:]) > 0.8


def test_solved_at_and_running_mean():
    returns = [0.0] * 50 + [500.0] * 100
    assert solved_at(returns, 475) == 145 and solved_at(returns[:99], 475) is None
    assert solved_at([500.0] * 100, 475) == 100
    np.testing.assert_allclose(running_mean([1, 2, 3, 4], 2), [1, 1.5, 2.5, 3.5])


def test_place_cells_share_a_rate_of_one_per_pair_and_wrap_round():
    cells = PlaceCells(((-np.pi, np.pi), (0.0, 1.0), (0.0, 2.0)), 4, angles=((0, 1),))
    assert cells.size == 3 * 16 and cells.variables == 4
    rates, rng = np.zeros(50), np.random.default_rng(0)
    for _ in range(50):
        angle = rng.uniform(-4, 4)
        cells.encode([np.cos(angle), np.sin(angle), *rng.uniform(-1, 3, 2)], rates)
        np.testing.assert_allclose(rates[:48].reshape(3, 16).sum(axis=1), 1)
    near = [np.zeros(50), np.zeros(50)]
    for out, angle in zip(near, (np.pi - 1e-9, -np.pi + 1e-9), strict=True):
        cells.encode([np.cos(angle), np.sin(angle), 0.5, 0.5], out)
    np.testing.assert_allclose(*near, atol=1e-6)


def test_a_rate_between_two_cells_gives_back_the_variable():
    cells, out = PlaceCells(((-1.0, 3.0),), 5), np.zeros(7)
    for value in np.linspace(-1, 3, 33):
        cells.encode([value], out)
        assert out[:5] @ np.linspace(-1, 3, 5) == pytest.approx(value)
    assert not cells.encode([np.nan], out)
