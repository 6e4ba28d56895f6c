"""An episode as a moving picture."""

from __future__ import annotations

import io
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control import environments
from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.asking import RESET, STEP, answered
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.writing import write_bytes

MILLISECONDS, WIDTH, MOST_FRAMES = 40, 300, 250


def frames_of(agent: ActorCritic, seed: int, env: Any = None) -> tuple[list[NDArray[np.uint8]], float]:
    """Pictures of one episode without noise, and its return.

    Parameters
    ----------
    env : gymnasium.Env, optional
        With ``render_mode="rgb_array"``; by default the agent's environment made anew.

    Raises
    ------
    InvalidInput
        The environment draws no pictures.
    EnvironmentFailed
    MissingDependency
    """
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # pygame draws into memory: it needs no screen
    shown = environments.make(agent.spec.environment, render_mode="rgb_array") if env is None else env
    frames, total, over = [], 0.0, False
    name = f"environment {agent.spec.environment}"
    observation, _ = answered(name, "reset", lambda: shown.reset(seed=seed), RESET)
    while not over:
        frames.append(_picture(shown, agent.spec.environment))
        step = partial(shown.step, agent.predict(observation)[0])
        observation, reward, terminated, truncated, _ = answered(name, "step", step, STEP)
        total, over = total + float(reward), bool(terminated or truncated)
    shown.close()
    return frames, total


def _picture(shown: Any, name: str) -> NDArray[np.uint8]:
    try:
        picture = shown.render()
    except NotImplementedError:
        picture = None
    if not isinstance(picture, np.ndarray):
        raise InvalidInput("environment", name, "one that renders to rgb_array", "choose control evaluate")
    return picture


def gif(frames: list[NDArray[np.uint8]], path: Path) -> None:
    """Frames as an animated picture, small and thinned out to at most `MOST_FRAMES`; raises NotWritten."""
    from PIL import Image

    step = -(-len(frames) // MOST_FRAMES)
    pictures = [Image.fromarray(frame) for frame in frames[::step]]
    height = round(WIDTH * pictures[0].height / pictures[0].width)
    small = [picture.resize((WIDTH, height)).convert("P", colors=32) for picture in pictures]
    content = io.BytesIO()
    small[0].save(content, "GIF", save_all=True, append_images=small[1:], duration=MILLISECONDS, loop=0)
    write_bytes(path, content.getvalue())
